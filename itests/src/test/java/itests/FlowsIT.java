// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.FIRST;
import static itests.Stage.KIB;
import static itests.Stage.MIB;
import static itests.Stage.patiently;
import static itests.Stage.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Attachment;
import dmabuf.api.AttachmentInfo;
import dmabuf.api.Blame;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.BufferState;
import dmabuf.api.BusWindow;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Exporter;
import dmabuf.api.MapRequest;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.StorageFile;
import dmabuf.api.StorageFile.Extent;
import dmabuf.api.spi.AllocatorStatistics;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** The way of a frame from create to free, through services only; what devices see is checked in the storage's file. */
public class FlowsIT extends GatewayConfiguration {
    private static final long NEAR = 0x1000_0000L;
    private static final long FAR = 0x2_0000_0000L;
    private static final long SIZE = 200_000;
    private static final long STORAGE = 200_704;
    private static final long OFFSET = 0x0800_0000L;

    private Stage stage;
    private Exporter exporter;
    private DmaBuf frame;
    private List<String> memoriesBefore;
    private AllocatorStatistics nearBefore;

    @Before
    public void setUp() {
        stage = new Stage(context);
        exporter = stage.exporter();
        stage.pool("near", NEAR, 4 * MIB, FIRST + 1);
        stage.pool("far", FAR, 4 * MIB, FIRST);
        stage.device("camera", "maxSegments=1 range=0..0xffffffff align=64K");
        stage.device("codec", "maxSegments=8 maxSegmentSize=48K boundary=64K");
        stage.device("display", DmaPath.of(DmaConstraints.parse("maxSegmentSize=32K"))
                .withWindows(List.of(new BusWindow(NEAR - OFFSET, NEAR, 8 * MIB))));
        stage.device("radio", "range=0x200000000..0x2ffffffff align=64K");
        memoriesBefore = Descriptors.memories();
        nearBefore = stage.allocator("near").statistics().orElseThrow();
        frame = stage.buffer(BufferRequest.ofSize(SIZE).withName("frame"));
    }

    @After
    public void tearDown() throws Exception {
        stage.close();
    }

    @Test
    public void eachDeviceFindsTheBytesThatTheCpuWrote() {
        List<Attachment> members = frame.attach(List.of("camera", "codec", "display"));
        try (Mapping camera = members.get(0).map(Direction.BIDIRECTIONAL);
                Mapping codec = members.get(1).map(Direction.TO_DEVICE);
                Mapping display = members.get(2).map(Direction.TO_DEVICE);
                StorageFile file = display.openFile()) {
            byte[] written = Pattern.fill(frame, 1);

            assertThat(camera.table().segments()).containsExactly(new Segment(NEAR, STORAGE));
            assertThat(codec.table().segments()).hasSize(7).allMatch(entry -> entry.byteSize() <= 48 * KIB);
            assertThat(display.table().segments()).hasSize(7).first().isEqualTo(new Segment(NEAR - OFFSET, 32 * KIB));
            assertThat(file.extents()).containsExactly(new Extent(new Segment(NEAR, STORAGE), 0));
            assertThat(seen(file, camera, 0)).as("camera").startsWith(written);
            assertThat(seen(file, codec, 0)).as("codec").startsWith(written);
            assertThat(seen(file, display, OFFSET)).as("display").startsWith(written);
        }
    }

    @Test
    public void theCpuFindsTheBytesThatADeviceWrote() {
        try (Attachment codec = frame.attach("codec");
                Mapping mapping = codec.map(Direction.FROM_DEVICE);
                StorageFile file = mapping.openFile()) {
            byte[] written = Pattern.of(2, STORAGE);
            int at = 0;
            for (Segment entry : mapping.table().segments()) {
                byte[] part = Arrays.copyOfRange(written, at, at += Math.toIntExact(entry.byteSize()));
                Ram.of(file).write(entry.address(), part);
            }
            assertThat(written).startsWith(Pattern.read(frame));
        }
    }

    @Test
    public void freshMemoryIsZeroAlsoWhereAnotherBufferWas() {
        Attachment camera = frame.attach("camera");
        camera.map(Direction.BIDIRECTIONAL).close();
        Pattern.fill(frame, 3);
        camera.close();
        frame.close();

        DmaBuf next = stage.buffer(SIZE);
        try (Attachment member = next.attach("camera"); Mapping mapping = member.map(Direction.TO_DEVICE)) {
            assertThat(mapping.table().contiguousAddress()).as("the same place").hasValue(NEAR);
            assertThat(Pattern.read(next)).containsOnly(0);
        }
    }

    @Test
    public void aLateDeviceMovesTheStorageAndItsBytes() {
        Attachment codec = frame.attach("codec");
        byte[] written = Pattern.fill(frame, 4);
        codec.map(Direction.TO_DEVICE).close();
        assertThat(frame.info().allocator()).contains("near");

        Attachment radio = frame.attach("radio");

        assertThat(frame.info().allocator()).contains("far");
        assertThat(frame.info().moves()).isEqualTo(1);
        assertThat(used("near")).isZero();
        assertThat(used("far")).isEqualTo(STORAGE);
        try (Mapping mapping = radio.map(Direction.TO_DEVICE); StorageFile file = mapping.openFile()) {
            assertThat(mapping.table().segments()).containsExactly(new Segment(FAR, STORAGE));
            assertThat(seen(file, mapping, 0)).startsWith(written);
        }
        assertThat(Pattern.read(frame)).isEqualTo(written);
        assertThat(codec.map(Direction.TO_DEVICE).table().segments()).first().extracting(Segment::address).isEqualTo(FAR);
    }

    @Test
    public void aMappedDeviceHoldsTheStorageUnlessItLetsGo() {
        Attachment codec = frame.attach("codec");
        byte[] written = Pattern.fill(frame, 5);
        Mapping stubborn = codec.map(Direction.TO_DEVICE);
        BufferInfo before = frame.info();

        DmaBufException busy = refusal(() -> frame.attach("radio"));

        assertThat(busy.reason()).isEqualTo(Reason.BUSY);
        assertThat(busy.explanation().blames()).containsExactly(Blame.of("codec"));
        assertThat(frame.info().segments()).isEqualTo(before.segments());
        assertThat(frame.info().constraints()).isEqualTo(before.constraints());
        assertThat(frame.info().attachments()).extracting(AttachmentInfo::earlyMaps).containsExactly(1);
        stubborn.close();
        codec.map(MapRequest.of(Direction.TO_DEVICE).withMoveListener(Mapping::close));
        frame.attach("radio");
        assertThat(frame.info().segments()).containsExactly(new Segment(FAR, STORAGE));
        assertThat(Pattern.read(frame)).isEqualTo(written);
    }

    @Test
    public void anOpenFileShowsTheStorageUntilItsMappingIsClosed() {
        Attachment codec = frame.attach("codec");
        byte[] written = Pattern.fill(frame, 6);
        Mapping mapping = codec.map(Direction.TO_DEVICE);
        StorageFile file = mapping.openFile();
        assertThat(Ram.contents(file, SIZE)).isEqualTo(written);
        assertThat(refusal(() -> frame.attach("radio")).reason()).isEqualTo(Reason.BUSY);
        mapping.close();
        assertThat(refusal(file::descriptor).reason()).isEqualTo(Reason.GONE);
        frame.attach("radio");
        assertThat(Pattern.read(frame)).isEqualTo(written);
    }

    @Test
    public void detachWidens() {
        frame.attach("codec");
        DmaConstraints alone = frame.info().constraints();
        Attachment camera = frame.attach("camera");
        assertThat(frame.info().constraints()).isEqualTo(DmaConstraints.parse(
                "range=0..0xffffffff align=64K maxSegments=1 maxSegmentSize=48K boundary=64K"));

        camera.close();

        assertThat(frame.info().constraints()).isEqualTo(alone);
        frame.attach("radio");
        assertThat(frame.info().attachments()).extracting(AttachmentInfo::device).containsExactly("codec", "radio");
    }

    @Test
    public void aRefusedAttachOfSeveralChangesNothing() {
        frame.attach("codec");
        BufferInfo before = frame.info();

        DmaBufException refused = refusal(() -> frame.attach(List.of("camera", "radio")));

        assertThat(refused.reason()).isEqualTo(Reason.INCOMPATIBLE);
        assertThat(refused.explanation().blames()).extracting(Blame::toString).containsExactly("camera.range", "radio.range");
        assertThat(frame.info().attachments()).isEqualTo(before.attachments());
        assertThat(frame.info().constraints()).isEqualTo(before.constraints());
        frame.attach("camera");
    }

    @Test
    public void aMapWaitsForTheDevicesThatAreExpected() {
        DmaBuf expecting = stage.buffer(BufferRequest.ofSize(SIZE)
                .withExpectedDevices(List.of("codec", "camera"))
                .withPatience(Duration.ofSeconds(30)));
        Attachment codec = expecting.attach("codec");
        DmaBufException early =
                refusal(() -> codec.map(MapRequest.of(Direction.TO_DEVICE).withTrying()));
        assertThat(early.reason()).isEqualTo(Reason.NOT_READY);
        assertThat(early.explanation().blames()).containsExactly(Blame.of("camera"));

        CompletableFuture<Mapping> waiting = CompletableFuture.supplyAsync(() -> codec.map(Direction.TO_DEVICE));
        expecting.attach("camera");

        assertThat(waiting.join().table().segments()).as("placed for the camera too").first().extracting(Segment::address)
                .isEqualTo(NEAR);
    }

    @Test
    public void nothingIsLeftOfManyFrames() {
        frames(10);
        int openBefore = Descriptors.all().size();
        frames(300);
        isAsBefore();
        patiently().untilAsserted(() -> assertThat(Descriptors.all()).hasSizeLessThanOrEqualTo(openBefore));
    }

    private void frames(int count) {
        for (int i = 0; i < count; i++) {
            try (DmaBuf next = exporter.create(BufferRequest.ofSize(1 + i * KIB));
                    Attachment camera = next.attach("camera");
                    Mapping mapping = camera.map(Direction.FROM_DEVICE);
                    StorageFile file = mapping.openFile()) {
                assertThat(file.extents()).hasSize(1);
            }
        }
    }

    @Test
    public void freeGivesEverythingBack() {
        Attachment camera = frame.attach("camera");
        Mapping mapping = camera.map(Direction.FROM_DEVICE);
        frame.close();
        assertThat(frame.info().state()).as("the attachment keeps it").isEqualTo(BufferState.BACKED);
        mapping.close();
        camera.close();
        assertThat(frame.info().state()).isEqualTo(BufferState.RELEASED);
        assertThat(exporter.buffers()).isEmpty();
        isAsBefore();
    }

    private void isAsBefore() {
        patiently().untilAsserted(() -> assertThat(Descriptors.memories()).isEqualTo(memoriesBefore));
        AllocatorStatistics near = stage.allocator("near").statistics().orElseThrow();
        assertThat(near.used()).isEqualTo(nearBefore.used());
        assertThat(near.largestFree()).isEqualTo(nearBefore.largestFree());
        assertThat(near.live()).isEqualTo(nearBefore.live());
    }

    /** What a device reads through its table: its addresses are the CPU's less an offset. */
    private static byte[] seen(StorageFile file, Mapping mapping, long offset) {
        return Ram.of(file).read(mapping.table().segments().stream()
                .map(entry -> new Segment(entry.address() + offset, entry.byteSize()))
                .toList());
    }

    private long used(String allocator) {
        return stage.allocator(allocator).statistics().orElseThrow().used();
    }
}
