// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.IommuSpace;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemorySource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spaces below a root of our own, where a double answers for the kernel; the kernel itself is asked in the lab. */
class NativeIommuTest {
    private static final String DEVICE = "0000:00:04.0";
    private static final String NAME = "for-an-iommu";

    private final FailingCalls calls = new FailingCalls(0, 0);
    private final long page = calls.pageSize();

    @TempDir
    Path root;

    @AfterEach
    void nothingIsLeft() throws IOException {
        assertThat(Resources.named(NAME)).isEqualTo(Resources.NONE);
        assertThat(Resources.named(DeviceDouble.NAME)).isEqualTo(Resources.NONE);
        assertThat(openNodes()).isZero();
    }

    @Test
    void withoutGroupsItSaysHowToGetThem() {
        assertThat(iommu().state().isUsable()).isFalse();
        assertThat(iommu().state().text())
                .startsWith("no IOMMU groups in " + root + "/sys/kernel/iommu_groups: no IOMMU, or it is off: add"
                        + " intel_iommu=on to the kernel command line");
        refused(Reason.ACCESS, iommu().state().text(), () -> iommu().open("3"));
    }

    @Test
    void aGroupThatIsNotThereIsNamedWithThoseThatAre() throws IOException {
        group("vfio-pci");
        refused(
                Reason.INVALID,
                "there is no IOMMU group 4 in " + root + "/sys/kernel/iommu_groups, but [3]",
                () -> iommu().open("4"));
    }

    @Test
    void aDeviceWithAnotherDriverIsNamedWithTheRemedy() throws IOException {
        group("e1000");
        String device = root + "/sys/bus/pci/devices/" + DEVICE;
        refused(
                Reason.ACCESS,
                "IOMMU group 3: no device has the driver vfio-pci: " + DEVICE + " has e1000 (write vfio-pci to " + device
                        + "/driver_override, " + DEVICE + " to " + device + "/driver/unbind, " + DEVICE + " to " + root
                        + "/sys/bus/pci/drivers_probe)",
                () -> iommu().open("3"));
    }

    @Test
    void whatIsInTheWayOfBothWaysIsSaid() throws IOException {
        group("vfio-pci");
        String both = root + "/dev/iommu: ENOENT (kernel option CONFIG_IOMMUFD, or modprobe iommufd); " + root
                + "/dev/vfio/vfio: ENOENT (kernel option CONFIG_VFIO_CONTAINER, or modprobe vfio_iommu_type1)";
        assertThat(iommu().state().text()).isEqualTo(both);
        refused(Reason.ACCESS, "IOMMU group 3: " + both, () -> iommu().open("3"));
        node("dev/vfio/vfio");
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> iommu().open("3"))
                .withMessageEndingWith(
                        root + "/dev/vfio/3: ENOENT (bind the devices of the group to the driver vfio-pci)");
    }

    @Test
    void iommufdIsTakenBeforeTypeOne() throws IOException {
        type1();
        assertThat(iommu().state().name()).isEqualTo("vfio-type1");
        try (IommuSpace space = iommu().open("3")) {
            assertThat(space.source()).isEqualTo("vfio-type1");
            assertThat(space.aperture()).isEqualTo(AddressRanges.parse("0..0xfedfffff,0xfef00000..0xffffffffffff"));
            assertThat(space.granule()).isEqualTo(page);
        }
        iommufd();
        assertThat(iommu().state().name()).isEqualTo("iommufd");
        try (IommuSpace space = iommu().open("3")) {
            assertThat(space.source()).isEqualTo("iommufd");
            assertThat(space.aperture()).isEqualTo(AddressRanges.parse("0..0xfedfffff,0xfef00000..0xffffffffffff"));
            assertThat(space.granule()).isEqualTo(page);
        }
    }

    @Test
    void aGroupWithAForeignDriverIsRefused() throws IOException {
        type1();
        calls.devices().notViable();
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> iommu().open("3"))
                .withMessageEndingWith("IOMMU group 3: bind all its devices to vfio-pci, or to no driver: " + DEVICE);
    }

    @Test
    void mapsAndUnmapsInBothWays() throws IOException {
        type1();
        mapsAndUnmaps();
        iommufd();
        mapsAndUnmaps();
    }

    private void mapsAndUnmaps() {
        NativeIommu iommu = iommu();
        NativeMemory service = memory();
        try (IommuSpace space = iommu.open("3");
                Memory memory = service.memfd(4 * page, NAME)) {
            space.map(memory, page, 2 * page, 0x10000);
            assertThat(mapped()).isEqualTo(Map.of(0x10000L, 2 * page));
            refused(
                    Reason.INVALID,
                    "IOMMU group 3: a part of 0x11000..0x11fff is mapped already",
                    () -> space.map(memory, 0, page, 0x11000));
            refused(
                    Reason.INVALID,
                    "IOMMU group 3: 0xfee00000..0xfee00fff is reserved, outside or not aligned to " + page
                            + ": the kernel offers 0x0..0xfedfffff,0xfef00000..0xffffffffffff",
                    () -> space.map(memory, 0, page, 0xfee00000L));
            for (long[] piece : new long[][] {{0, 5 * page}, {4 * page, page}, {-page, page}, {1, page}, {0, 0}}) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> space.map(memory, piece[0], piece[1], 0x20000));
            }
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> space.unmap(0x10000, page))
                    .withMessage("at 0x10000 are " + 2 * page + " bytes mapped, not " + page);
            space.unmap(0x10000, 2 * page);
            space.unmap(0x10000, 2 * page);
            assertThat(mapped()).isEmpty();
        }
    }

    @Test
    void memoryThatIsClosedIsUnmappedFirst() throws IOException {
        type1();
        NativeMemory service = memory();
        try (IommuSpace space = iommu().open("3")) {
            Memory memory = service.memfd(2 * page, NAME);
            Memory other = service.memfd(page, NAME);
            space.map(memory, 0, page, 0x1000);
            space.map(memory, page, page, 0x8000);
            space.map(other, 0, page, 0x2000);
            memory.close();
            assertThat(mapped()).isEqualTo(Map.of(0x2000L, page));
            refused(
                    Reason.GONE,
                    "the memory of " + 2 * page + " bytes is closed",
                    () -> space.map(memory, 0, page, 0x1000));
            space.unmap(0x1000, page);
            other.close();
            assertThat(mapped()).isEmpty();
        }
    }

    @Test
    void anUnmapThatFailsKeepsNeitherTheMemoryNorTheSpace() throws IOException {
        type1();
        NativeMemory service = memory();
        Memory memory = service.memfd(2 * page, NAME);
        try (IommuSpace space = iommu().open("3")) {
            space.map(memory, 0, page, 0x1000);
            space.map(memory, page, page, 0x2000);
            mapped().remove(0x1000L);
            assertThatExceptionOfType(DmaBufException.class)
                    .isThrownBy(memory::close)
                    .withMessageStartingWith("unmap: EINVAL");
            assertThat(mapped()).isEmpty();
            assertThat(service.inUse()).isZero();
        }
    }

    /** Between the look at who maps a memory and the word to each of them, the addresses may have gone to another. */
    @Test
    void memoryThatIsClosedLeavesTheMappingsOfOthersAlone() throws IOException {
        type1();
        NativeMemory service = memory();
        try (IommuSpace space = iommu().open("3");
                Memory other = service.memfd(page, NAME)) {
            Memory closed = service.memfd(2 * page, NAME);
            space.map(closed, 0, page, 0x1000);
            space.map(closed, page, page, 0x2000);
            calls.devices().afterUnmap = () -> {
                space.unmap(0x2000, page);
                space.map(other, 0, page, 0x2000);
            };
            closed.close();
            assertThat(mapped()).isEqualTo(Map.of(0x2000L, page));
            space.unmap(0x2000, page);
            assertThat(mapped()).isEmpty();
        }
    }

    /** What the kernel says of the addresses lets the caller try others. */
    @Test
    void addressesThatTheKernelHasTakenOrReservedAreInvalid() throws IOException {
        type1();
        taken("VFIO_IOMMU_MAP_DMA", "dev/vfio/vfio");
        iommufd();
        taken("IOMMU_IOAS_MAP", "dev/iommu");
    }

    private void taken(String request, String node) {
        Map<Errno, String> words = Map.of(
                Errno.EEXIST, "the addresses are taken",
                Errno.EINVAL, "not in the ranges that the IOMMU offers, or not aligned");
        words.forEach((errno, text) -> {
            NativeMemory service = memory();
            FailingCalls dry = new FailingCalls(0, 0);
            try (Memory memory = service.memfd(page, NAME);
                    IommuSpace space = new NativeIommu(dry, root).open("3")) {
                space.map(memory, 0, page, 0);
            }
            FailingCalls failing = new FailingCalls(dry.made() - 1, errno.number());
            try (Memory memory = service.memfd(page, NAME);
                    IommuSpace space = new NativeIommu(failing, root).open("3")) {
                refused(
                        Reason.INVALID,
                        "ioctl(" + root.resolve(node) + ", " + request + "): " + errno + " (" + text + ")",
                        () -> space.map(memory, 0, page, 0));
                space.map(memory, 0, page, page);
            }
        });
    }

    @Test
    void whenTheMemoryServiceStopsOneThatFailsDoesNotKeepTheOthers() throws IOException {
        type1();
        NativeMemory service = memory();
        try (IommuSpace space = iommu().open("3")) {
            space.map(service.memfd(page, NAME), 0, page, 0x1000);
            space.map(service.memfd(page, NAME), 0, page, 0x2000);
            mapped().clear();
            assertThatExceptionOfType(DmaBufException.class)
                    .isThrownBy(service::stop)
                    .withMessageStartingWith("unmap: EINVAL")
                    .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
            assertThat(service.inUse()).isZero();
        }
    }

    @Test
    void whenTheServiceStopsOneThatFailsDoesNotKeepTheOthers() throws IOException {
        type1();
        String second = "0000:00:05.0";
        Files.createDirectories(root.resolve("sys/kernel/iommu_groups/4/devices/" + second));
        Path folder = Files.createDirectories(root.resolve("sys/bus/pci/devices/" + second));
        Files.createSymbolicLink(folder.resolve("driver"), root.resolve("sys/bus/pci/drivers/vfio-pci"));
        node("dev/vfio/4");
        NativeIommu iommu = iommu();
        iommu.open("3");
        iommu.open("4");
        calls.closeBadly();
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(iommu::stop)
                .withMessageStartingWith("close: EIO");
        assertThat(openNodes()).isZero();
    }

    @Test
    void aSpaceLivesUntilTheLastUserIsGoneAndNothingIsMapped() throws IOException {
        iommufd();
        NativeIommu iommu = iommu();
        Memory memory = memory().memfd(page, NAME);
        IommuSpace first = iommu.open("3");
        IommuSpace second = iommu.open("3");
        int descriptor = first.device(DEVICE).descriptor();
        assertThat(second.device(DEVICE).descriptor()).isEqualTo(descriptor);
        refused(
                Reason.INVALID,
                "IOMMU group 3 has no device 0000:00:05.0, but [" + DEVICE + "]",
                () -> first.device("0000:00:05.0"));
        first.map(memory, 0, page, 0);
        first.close();
        first.close();
        refused(Reason.GONE, "iommufd of IOMMU group 3 was closed by this user", () -> first.map(memory, 0, page, page));
        second.close();
        assertThat(openNodes()).isEqualTo(2);
        assertThat(mapped()).isEqualTo(Map.of(0L, page));
        first.unmap(0, page);
        assertThat(openNodes()).isZero();
        try (IommuSpace again = iommu.open("3")) {
            again.map(memory, 0, page, 0);
            memory.close();
        }
    }

    @Test
    void whenTheServiceStopsNoDeviceReachesMemory() throws IOException {
        type1();
        NativeIommu iommu = iommu();
        IommuSpace space = iommu.open("3");
        space.device(DEVICE);
        Memory memory = memory().memfd(page, NAME);
        space.map(memory, 0, page, 0);
        iommu.stop();
        assertThat(openNodes()).isZero();
        refused(Reason.GONE, "the address space of IOMMU group 3 is closed", () -> space.map(memory, 0, page, page));
        refused(Reason.GONE, "the IOMMU service has stopped", () -> iommu.open("3"));
        space.unmap(0, page);
        space.close();
        memory.close();
    }

    @Test
    void aHeapsPagesAreRefusedInWords() throws IOException {
        type1();
        node("dev/dma_heap/system");
        NativeMemory service = memory();
        try (IommuSpace space = iommu().open("3");
                Memory heap = service.allocate(MemorySource.heap("system"), page, NAME)) {
            refused(
                    Reason.ACCESS,
                    "memory of heap:system cannot be mapped for IOMMU group 3: the kernel pins no pages of a dma-buf's"
                            + " exporter; take udmabuf, memfd or hugepages",
                    () -> space.map(heap, 0, page, 0));
        }
        service.stop();
    }

    @Test
    void everyFailingCallLeavesNothingOpen() throws IOException {
        type1();
        for (int errno : FailingCalls.ERRNOS) {
            everyFailingCall(errno, 2);
        }
        iommufd();
        for (int errno : FailingCalls.ERRNOS) {
            everyFailingCall(errno, 3);
        }
    }

    private void everyFailingCall(int errno, int atLeast) throws IOException {
        boolean failed = true;
        int count = 0;
        for (int n = 1; failed; n++) {
            FailingCalls failing = new FailingCalls(n, errno);
            NativeMemory service = new NativeMemory(failing, root, 1L << 20, new RecordedLog().logger());
            try (Memory memory = service.memfd(page, NAME);
                    IommuSpace space = new NativeIommu(failing, root).open("3")) {
                space.device(DEVICE);
                space.map(memory, 0, page, 0);
                space.unmap(0, page);
            } catch (DmaBufException | OutOfMemoryError e) {
                count++;
                failing.devices().mapped.clear();
            }
            assertThat(openNodes()).as("after call " + n).isZero();
            assertThat(service.inUse()).isZero();
            failed = failing.made() >= n;
        }
        assertThat(count).isGreaterThan(atLeast);
    }

    /** Opening, mapping, closing of memory and of spaces on many threads: one space at a time, and nothing left. */
    @Test
    void manyThreadsShareOneSpace() throws Exception {
        type1();
        NativeIommu iommu = iommu();
        NativeMemory service = memory();
        int count = 8;
        CyclicBarrier start = new CyclicBarrier(count);
        try (ExecutorService threads = Executors.newFixedThreadPool(count)) {
            List<Future<?>> all = Stream.iterate(0, i -> i + 1)
                    .limit(count)
                    .<Future<?>>map(i -> threads.submit(() -> {
                        start.await();
                        for (int round = 0; round < 50; round++) {
                            long at = (i * 50L + round) * page;
                            try (IommuSpace space = iommu.open("3");
                                    Memory memory = service.memfd(page, NAME)) {
                                space.map(memory, 0, page, at);
                                if (round % 2 == 0) {
                                    space.unmap(at, page);
                                }
                            }
                        }
                        return null;
                    }))
                    .toList();
            for (Future<?> one : all) {
                one.get();
            }
        }
        assertThat(mapped()).isEmpty();
        assertThat(service.inUse()).isZero();
    }

    private Map<Long, Long> mapped() {
        return calls.devices().mapped;
    }

    private NativeIommu iommu() {
        return new NativeIommu(calls, root);
    }

    private NativeMemory memory() {
        return new NativeMemory(calls, root, 64L << 20, new RecordedLog().logger());
    }

    private void type1() throws IOException {
        group("vfio-pci");
        node("dev/vfio/vfio");
        node("dev/vfio/3");
    }

    private void iommufd() throws IOException {
        if (!Files.exists(root.resolve("dev/vfio/vfio"))) {
            group("vfio-pci");
        }
        node("dev/iommu");
        node("dev/vfio/devices/vfio0");
        Files.createDirectories(root.resolve("sys/bus/pci/devices/" + DEVICE + "/vfio-dev/vfio0"));
    }

    private void group(String driver) throws IOException {
        Files.createDirectories(root.resolve("sys/kernel/iommu_groups/3/devices/" + DEVICE));
        Path folder = Files.createDirectories(root.resolve("sys/bus/pci/devices/" + DEVICE));
        Path drivers = Files.createDirectories(root.resolve("sys/bus/pci/drivers/" + driver));
        Files.createSymbolicLink(folder.resolve("driver"), drivers);
    }

    private void node(String path) throws IOException {
        Path node = root.resolve(path);
        Files.createDirectories(node.getParent());
        Files.createFile(node);
    }

    private long openNodes() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(this::isBelowRoot).count();
        }
    }

    private boolean isBelowRoot(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).startsWith(root.resolve("dev"));
        } catch (IOException e) {
            return false;
        }
    }

    private static void refused(Reason reason, String message, ThrowingCallable call) {
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(call)
                .withMessage(message)
                .extracting(DmaBufException::reason)
                .isEqualTo(reason);
    }
}
