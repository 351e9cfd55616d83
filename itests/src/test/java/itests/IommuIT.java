// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.FIRST;
import static itests.Stage.KIB;
import static itests.Stage.MIB;
import static itests.Stage.patiently;
import static itests.Stage.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.AddressRange;
import dmabuf.api.Attachment;
import dmabuf.api.Blame;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.StorageFile;
import dmabuf.api.StorageFile.Extent;
import dmabuf.api.spi.Mapper;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.service.cm.Configuration;

/** What a device behind an IOMMU reaches: its buffers, all of them, in order, and nothing else. */
public class IommuIT extends GatewayConfiguration {
    private static final long PAGE = 4096;
    private static final long SIZE = 200_000;
    private static final long STORAGE = 200_704;
    private static final long POOL = 0x1000_0000L;
    private static final AddressRange APERTURE = new AddressRange(0x10_0000, 0x2f_ffff);
    private static final AddressRange RESERVED = new AddressRange(0x18_0000, 0x18_ffff);

    private Stage stage;
    private Configuration iommu;
    private Mapper npu;
    private Mapper gpu;

    @Before
    public void setUp() {
        stage = new Stage(context);
        iommu = stage.configure("allocator.iommu", settings("4K"));
        npu = stage.mapper("npu-space");
        gpu = stage.mapper("gpu-space");
        patiently().until(() -> stage.ids().contains("iommu"));
        stage.pool("pool", POOL, 4 * MIB, FIRST);
        stage.device("npu", behind("npu-space"));
        stage.device("gpu", behind("gpu-space"));
        stage.device("camera", "maxSegments=1 range=0x10000000..0x103fffff");
    }

    @After
    public void tearDown() throws Exception {
        stage.close();
    }

    private static Map<String, Object> settings(String granule) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("domains", new String[] {"npu-space", "gpu-space"});
        settings.put("granule", granule);
        settings.put("aperture", APERTURE.toString());
        settings.put("reserved", RESERVED.toString());
        settings.put("ram", "0x40000000..0x47ffffff");
        settings.put("priority", FIRST + 1);
        return settings;
    }

    private static DmaPath behind(String domain) {
        return DmaPath.of(DmaConstraints.parse("maxSegments=1")).withIommu(domain).withMaskBits(32);
    }

    @Test
    public void everyAddressOfATableGivesTheStorageInOrder() {
        Attachment member = stage.buffer(SIZE).attach("npu");
        try (Mapping mapping = member.map(Direction.BIDIRECTIONAL); StorageFile file = mapping.openFile()) {
            List<Segment> storage = storage(file);
            assertThat(mapping.allocator()).isEqualTo("iommu");
            assertThat(storage).as("scattered").hasSizeGreaterThan(1);
            Segment entry = mapping.table().segments().getFirst();
            assertThat(mapping.table().isContiguous()).isTrue();
            assertThat(entry.byteSize()).isEqualTo(STORAGE);
            assertTranslates(npu, entry, storage);
        }
    }

    @Test
    public void noOtherAddressGivesAnything() {
        Attachment first = stage.buffer(SIZE).attach("npu");
        Attachment second = stage.buffer(SIZE).attach("npu");
        Mapping a = first.map(Direction.TO_DEVICE);
        Mapping b = second.map(Direction.TO_DEVICE);
        Set<Long> mapped = new HashSet<>(pages(a));
        mapped.addAll(pages(b));
        assertThat(mapped).as("no page belongs to both").hasSize(2 * Math.toIntExact(STORAGE / PAGE));
        assertThat(reachable(npu)).as("guards, and all outside").isEqualTo(mapped);
        assertThat(mapped).as("a guard page behind each").doesNotContain(end(a), end(b));
        assertThat(reachable(gpu)).as("the other domain").isEmpty();
        assertThat(List.of(0L, 0xfff0_0000L, 1L << 40, -PAGE, -1L)).allMatch(address -> npu.translate(address).isEmpty());

        a.close();
        assertThat(reachable(npu)).as("after the unmap").isEqualTo(new HashSet<>(pages(b)));
        b.close();
        assertThat(reachable(npu)).isEmpty();
    }

    @Test
    public void reservedAddressesAreNeverHandedOutAndAFullSpaceIsRefused() {
        List<Mapping> open = new ArrayList<>();
        DmaBufException refused = refusal(() -> {
            while (true) {
                open.add(stage.buffer(60 * KIB).attach("npu").map(Direction.TO_DEVICE));
            }
        });
        assertThat(refused.reason()).isIn(Reason.OUT_OF_MEMORY, Reason.FRAGMENTED);
        assertThat(open).as("2 MiB less 64 KiB in pieces of 60 KiB and a guard").hasSize(31);
        assertThat(reachable(npu)).noneMatch(RESERVED::contains).allMatch(APERTURE::contains);
        open.removeFirst().close();
        stage.buffer(60 * KIB).attach("npu").map(Direction.TO_DEVICE);
    }

    @Test
    public void aDmaEngineReachesItsOwnBufferAndNoOther() {
        DmaBuf mine = stage.buffer(SIZE);
        DmaBuf other = stage.buffer(SIZE);
        byte[] secret = Pattern.fill(other, 1);
        try (Mapping a = mine.attach("npu").map(Direction.BIDIRECTIONAL); StorageFile fileA = a.openFile();
                Mapping b = other.attach("gpu").map(Direction.BIDIRECTIONAL); StorageFile fileB = b.openFile()) {
            DmaEngine engine = new DmaEngine(npu, Ram.of(fileA, fileB));
            long address = a.table().contiguousAddress().orElseThrow();
            byte[] frame = Pattern.of(2, STORAGE - 1_234);
            engine.write(address + 1_234, frame);
            assertThat(engine.read(address + 1_234, frame.length)).isEqualTo(frame);
            assertThat(Ram.contents(fileA, STORAGE)).endsWith(frame).startsWith(new byte[1_234]);
            assertThat(Pattern.read(other)).as("the other buffer").isEqualTo(secret);
            assertThatThrownBy(() -> engine.write(address, new byte[(int) STORAGE + 1])).isInstanceOf(DmaEngine.Fault.class);
            assertThatThrownBy(() -> engine.read(address - 1, 1)).isInstanceOf(DmaEngine.Fault.class);
            assertThat(physicalPages(npu)).isEqualTo(pages(storage(fileA))).doesNotContainAnyElementsOf(pages(storage(fileB)));
            assertThat(physicalPages(gpu)).isEqualTo(pages(storage(fileB)));
        }
    }

    @Test
    public void twoEnginesAndADirectDeviceShareOneBuffer() {
        DmaBuf shared = stage.buffer(SIZE);
        List<Attachment> members = shared.attach(List.of("camera", "gpu", "npu"));
        try (Mapping camera = members.get(0).map(Direction.FROM_DEVICE); StorageFile file = camera.openFile();
                Mapping byGpu = members.get(1).map(Direction.BIDIRECTIONAL);
                Mapping byNpu = members.get(2).map(Direction.BIDIRECTIONAL)) {
            assertThat(camera.allocator()).isEqualTo("pool");
            byte[] frame = Pattern.of(3, STORAGE);
            Ram.of(file).write(camera.table().contiguousAddress().orElseThrow(), frame);
            DmaEngine engine = new DmaEngine(gpu, Ram.of(file));
            assertThat(engine.read(byGpu.table().contiguousAddress().orElseThrow(), STORAGE)).isEqualTo(frame);
            assertTranslates(npu, byNpu.table().segments().getFirst(), camera.table().segments());
            assertTranslates(gpu, byGpu.table().segments().getFirst(), camera.table().segments());
        }
    }

    @Test
    public void afterAMoveTheAddressesLeadToTheNewPlace() {
        DmaBuf buffer = stage.buffer(SIZE);
        Attachment member = buffer.attach("npu");
        member.map(Direction.TO_DEVICE).close();
        byte[] written = Pattern.fill(buffer, 4);
        buffer.attach("camera");
        assertThat(buffer.info().allocator()).contains("pool");
        try (Mapping mapping = member.map(Direction.TO_DEVICE); StorageFile file = mapping.openFile()) {
            assertTranslates(npu, mapping.table().segments().getFirst(), List.of(new Segment(POOL, STORAGE)));
            DmaEngine engine = new DmaEngine(npu, Ram.of(file));
            assertThat(engine.read(mapping.table().contiguousAddress().orElseThrow(), SIZE)).isEqualTo(written);
        }
    }

    @Test
    public void aLargerGranuleHoldsForPhysicalPages() {
        Stage.update(iommu, settings("64K"));
        patiently().until(() -> Stage.find(context, Mapper.class, "(dmabuf.mapper.domain=npu-space)")
                .filter(mapper -> mapper.granule() == 64 * KIB).isPresent());
        npu = stage.mapper("npu-space");
        patiently().until(() -> stage.ids().contains("iommu"));
        Attachment member = stage.buffer(SIZE).attach("npu");
        try (Mapping mapping = member.map(Direction.TO_DEVICE); StorageFile file = mapping.openFile()) {
            assertThat(storage(file)).allMatch(segment -> segment.address() % (64 * KIB) == 0);
            assertTranslates(npu, mapping.table().segments().getFirst(), storage(file));
        }
    }

    @Test
    public void withoutItsMapperADeviceKeepsItsMappingsAndGetsNoNewOnes() throws Exception {
        DmaBuf buffer = stage.buffer(SIZE);
        Attachment member = buffer.attach("npu");
        byte[] written = Pattern.fill(buffer, 5);
        Mapping mapping = member.map(Direction.TO_DEVICE);
        long address = mapping.table().contiguousAddress().orElseThrow();

        stage.stop("allocator.iommu");

        assertThat(mapping.table().contiguousAddress()).hasValue(address);
        try (StorageFile file = mapping.openFile()) {
            assertThat(Ram.contents(file, SIZE)).isEqualTo(written);
        }
        DmaBufException refused = refusal(() -> stage.buffer(SIZE).attach("gpu"));
        assertThat(refused.reason()).isEqualTo(Reason.NO_ALLOCATOR);
        assertThat(refused.explanation().blames()).extracting(Blame::toString).containsExactly("gpu.iommu");
        mapping.close();
        refused = refusal(() -> member.map(Direction.TO_DEVICE));
        assertThat(refused.reason()).isEqualTo(Reason.NO_ALLOCATOR);
        assertThat(refused.explanation().blames()).extracting(Blame::toString).containsExactly("npu.iommu");
        assertThat(Pattern.read(buffer)).isEqualTo(written);
        stage.ours("allocator.iommu").start();
        npu = stage.mapper("npu-space");
        patiently().untilAsserted(() -> assertThat(buffer.info().orphaned()).isFalse());
        try (Mapping again = member.map(Direction.TO_DEVICE); StorageFile file = again.openFile()) {
            assertTranslates(npu, again.table().segments().getFirst(), storage(file));
            assertThat(Ram.contents(file, SIZE)).isEqualTo(written);
        }
    }

    private static List<Segment> storage(StorageFile file) {
        return file.extents().stream().map(Extent::physical).toList();
    }

    /** Compares every page, its first and last byte, and bytes between with the storage's segments in order. */
    private static void assertTranslates(Mapper mapper, Segment entry, List<Segment> storage) {
        Random random = new Random(7);
        long offset = 0;
        for (Segment segment : storage) {
            for (long in = 0; in < segment.byteSize(); in += PAGE) {
                for (long byteInPage : new long[] {0, 1 + random.nextLong(PAGE - 2), PAGE - 1}) {
                    assertThat(mapper.translate(entry.address() + offset + in + byteInPage))
                            .isEqualTo(OptionalLong.of(segment.address() + in + byteInPage));
                }
            }
            offset += segment.byteSize();
        }
        assertThat(offset).as("all of the entry").isEqualTo(entry.byteSize());
    }

    /** The device pages that lead anywhere, in and around the aperture; of an unmapped page no byte does. */
    private static Set<Long> reachable(Mapper mapper) {
        Set<Long> pages = new HashSet<>();
        for (long page = 0; page < 2 * APERTURE.last(); page += PAGE) {
            boolean first = mapper.translate(page).isPresent();
            assertThat(mapper.translate(page + PAGE - 1).isPresent()).as(Stage.hex(page)).isEqualTo(first);
            if (first) pages.add(page);
        }
        return pages;
    }

    private static Set<Long> physicalPages(Mapper mapper) {
        Set<Long> pages = new HashSet<>();
        reachable(mapper).forEach(page -> pages.add(mapper.translate(page).orElseThrow()));
        return pages;
    }

    private static Set<Long> pages(Mapping mapping) {
        return pages(mapping.table().segments());
    }

    private static Set<Long> pages(List<Segment> segments) {
        Set<Long> pages = new HashSet<>();
        for (Segment segment : segments) {
            for (long page = segment.address(); page < segment.end(); page += PAGE) pages.add(page);
        }
        return pages;
    }

    private static long end(Mapping mapping) {
        return mapping.table().segments().getLast().end();
    }
}
