// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.FIRST;
import static itests.Stage.MIB;
import static itests.Stage.patiently;
import static itests.Stage.refusal;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Attachment;
import dmabuf.api.AttachmentInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.StorageFile;
import dmabuf.api.spi.Mapper;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.Configuration;

/** Driver bundles and mappers that leave while their devices are mapped, or while somebody waits to map. */
public class LeaversIT extends GatewayConfiguration {
    private static final int SIZE = 300_000;

    private Stage stage;
    private Bundle driver;

    @Before
    public void setUp() {
        stage = new Stage(context);
        stage.pool("pool", 0x1000_0000L, 16 * MIB, FIRST);
        stage.device("codec", "");
        driver = stage.bundle("driver");
        device("camera", "maxSegments=1 align=1M range=0x10000000..0x10ffffff");
        device("strange", "range=0x90000000..0x90ffffff");
    }

    @After
    public void tearDown() throws Exception {
        stage.close();
    }

    private void device(String name, String constraints) {
        driver.getBundleContext()
                .registerService(
                        Device.class,
                        Device.of(name, List.of(DmaPath.of(DmaConstraints.parse(constraints)))),
                        FrameworkUtil.asDictionary(Map.of(Device.NAME, name)));
    }

    @Test
    public void aDriverThatStopsEndsItsMappingsAndNobodyElses() throws Exception {
        DmaBuf buffer = stage.buffer(SIZE);
        byte[] written = Pattern.fill(buffer, 1);
        Mapping ours = buffer.attach("codec").map(Direction.TO_DEVICE);
        Attachment theirs = buffer.attach("camera");
        Mapping ended = theirs.map(Direction.BIDIRECTIONAL);
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.READ)) {
            driver.stop();

            assertThat(refusal(ended::table).reason()).isEqualTo(Reason.GONE);
            assertThat(refusal(() -> theirs.map(Direction.TO_DEVICE)).reason()).isEqualTo(Reason.GONE);
            assertThat(access.segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(written);
        }
        assertThat(ours.table().byteSize()).isGreaterThanOrEqualTo(SIZE);
        assertThat(buffer.info().attachments()).extracting(AttachmentInfo::device).containsExactly("codec");
        assertThat(buffer.info().constraints()).as("widened").isEqualTo(DmaConstraints.NEUTRAL);
        ended.close();
        theirs.close();
        assertThat(Pattern.read(buffer)).isEqualTo(written);
    }

    @Test
    public void whoWaitsToMapForADeviceThatLeavesHearsThatItIsGone() throws Exception {
        Attachment waiting = patient().attach("strange");
        FutureTask<DmaBufException> map = waiting(() -> refusal(() -> waiting.map(Direction.TO_DEVICE)));

        driver.stop();

        assertThat(map.get(30, SECONDS).reason()).isEqualTo(Reason.GONE);
    }

    @Test
    public void whoWaitsForAnExpectedDeviceThatLeavesWaitsOnForItsReturn() throws Exception {
        DmaBuf buffer = stage.buffer(BufferRequest.ofSize(SIZE)
                .withExpectedDevices(List.of("codec", "camera"))
                .withPatience(Duration.ofSeconds(30)));
        Attachment codec = buffer.attach("codec");
        FutureTask<Mapping> map = waiting(() -> codec.map(Direction.TO_DEVICE));

        driver.stop();
        assertThat(buffer.info().laggards()).containsExactly("camera");
        driver.start();
        device("camera", "maxSegments=1");
        buffer.attach("camera");

        assertThat(map.get(30, SECONDS).allocator()).isEqualTo("pool");
    }

    @Test
    public void aMapperThatLeavesWhileSomebodyWaitsIsMissedWhenStorageComes() throws Exception {
        Configuration iommu = stage.configure("allocator.iommu", Map.of("domains", "it-space", "ram", "0x40000000..0x47ffffff"));
        patiently().until(() -> stage.ids().contains("iommu"));
        stage.device("npu", DmaPath.of(DmaConstraints.parse("pools=special")).withIommu("it-space").withMaskBits(32));
        Attachment waiting = patient().attach("npu");
        FutureTask<DmaBufException> map = waiting(() -> refusal(() -> waiting.map(Direction.TO_DEVICE)));

        iommu.delete();
        patiently().untilAsserted(() -> assertThat(stage.ids()).doesNotContain("iommu"));
        assertThat(map.isDone()).as("it waits for an allocator, and now for the mapper too").isFalse();
        stage.pool("special", Map.of("base", "0x30000000", "size", "16M", "pool", "special"));
        assertThat(map.isDone()).isFalse();
        stage.configure("allocator.iommu", Map.of("domains", "it-space", "ram", "0x40000000..0x47ffffff"));

        assertThat(map.get(30, SECONDS)).as("it was mapped").isNull();
    }

    @Test
    public void anIommuThatIsBackMapsBesideWhatIsStillMapped() throws Exception {
        stage.configure("allocator.iommu", Map.of("domains", "it-space", "ram", "0x40000000..0x47ffffff", "priority", FIRST + 1));
        patiently().until(() -> stage.ids().contains("iommu"));
        stage.device("npu", DmaPath.of(DmaConstraints.NEUTRAL).withIommu("it-space").withMaskBits(32));
        DmaBuf buffer = stage.buffer(SIZE);
        byte[] written = Pattern.fill(buffer, 2);
        Mapping before = buffer.attach("npu").map(Direction.BIDIRECTIONAL);

        stage.stop("allocator.iommu");
        stage.ours("allocator.iommu").start();

        Mapper mapper = stage.mapper("it-space");
        Mapping after = stage.buffer(SIZE).attach("npu").map(Direction.BIDIRECTIONAL);
        long first = before.table().contiguousAddress().orElseThrow();
        assertThat(after.table().contiguousAddress().orElseThrow()).isGreaterThan(first);
        try (StorageFile file = before.openFile()) {
            assertThat(new DmaEngine(mapper, Ram.of(file)).read(first, SIZE)).as("taken over").isEqualTo(written);
        }
        before.close();
        assertThat(mapper.translate(first)).isEmpty();
    }

    @Test
    public void aPartLeavesWithItsDeviceAndIsBackWithIt() throws Exception {
        ServiceRegistration<Device> display = stage.device("display", "");
        Device part = Device.ofParent("display.overlay", List.of(DmaPath.of(DmaConstraints.NEUTRAL)), "display");
        stage.register(Device.class, part, Map.of(Device.NAME, part.name()));
        DmaBuf buffer = stage.buffer(SIZE);
        Mapping overlay = buffer.attach("display.overlay").map(Direction.TO_DEVICE);
        assertThat(overlay.table().byteSize()).isPositive();

        display.unregister();

        assertThat(refusal(overlay::table).reason()).isEqualTo(Reason.GONE);
        assertThat(buffer.info().attachments()).isEmpty();
        stage.device("display", "");
        assertThat(buffer.attach("display.overlay").map(Direction.TO_DEVICE).allocator()).isEqualTo("pool");
    }

    private DmaBuf patient() {
        return stage.buffer(
                BufferRequest.ofSize(SIZE).withWaitsForAllocator(true).withPatience(Duration.ofSeconds(30)));
    }

    /** Starts a call and answers once it waits. */
    private static <T> FutureTask<T> waiting(Callable<T> call) {
        FutureTask<T> task = new FutureTask<>(call);
        Thread thread = Thread.ofPlatform().start(task);
        patiently().until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        return task;
    }
}
