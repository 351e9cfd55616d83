// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dmabuf.api.Attachment;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.MapRequest;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Mappers, move listeners and releases that hang harm only the call at hand, and hold nothing back. */
class HangingPartiesTest {
    private static final long BASE = 0x1000_0000L;

    private final Bench bench =
            new Bench(new Settings(Duration.ofMillis(100), Duration.ofMillis(100), OptionalLong.empty())).devices("cam", "codec");
    private final TestMapper mapper = new TestMapper("smmu");
    private final CountDownLatch forever = new CountDownLatch(1);

    @AfterEach
    void nothingIsLeft() {
        forever.countDown();
        bench.close();
        await().until(mapper.mapped::isEmpty);
    }

    private DmaBuf behindTheMapper() {
        bench.sandbox.addMapper(mapper);
        bench.sandbox.addDevice(Device.of("gpu", List.of(Bench.path("").withIommu("smmu"))), Map.of());
        bench.pool("pool", 0, BASE);
        DmaBuf frame = bench.buffer(4096);
        frame.attach("cam").map(Direction.TO_DEVICE);
        return frame;
    }

    @Test
    void aMapThatHangsIsTimedOutAndUndoneWhenItComes() {
        DmaBuf frame = behindTheMapper();
        mapper.answering = piece -> {
            Waiting.on(forever);
            return piece;
        };
        Attachment gpu = frame.attach("gpu");
        assertThat(Bench.refusal(() -> gpu.map(Direction.TO_DEVICE)).reason()).isEqualTo(Reason.TIMED_OUT);
        assertThat(frame.attach("codec").map(Direction.TO_DEVICE).table().byteSize()).isEqualTo(4096);
        forever.countDown();
        mapper.answering = piece -> piece;
        await().until(() -> Bench.isGiven(() -> gpu.map(Direction.TO_DEVICE)));
        await().untilAsserted(() -> assertThat(mapper.mapped).as("the late one is undone").hasSize(1));
    }

    @Test
    void anUnmapThatHangsKeepsNobody() {
        DmaBuf frame = behindTheMapper();
        mapper.unmapping = _ -> Waiting.on(forever);
        Attachment gpu = frame.attach("gpu");
        for (int i = 0; i < 3; i++) {
            gpu.map(Direction.TO_DEVICE).close();
        }
        gpu.close();
        assertThat(frame.info().attachments()).extracting("device").containsExactly("cam");
        assertThat(frame.attach("codec").map(Direction.TO_DEVICE).table().byteSize()).isEqualTo(4096);
    }

    @Test
    void aMoveListenerThatHangsIsAHolderThatDoesNotLetGo() {
        bench.device("narrow", "range=0x20000000..0x2fffffff");
        bench.pool("pool", 1, BASE);
        bench.pool("other", 0, 0x2000_0000L);
        DmaBuf frame = bench.buffer(4096);
        Mapping held = frame.attach("cam").map(MapRequest.of(Direction.TO_DEVICE).withMoveListener(_ -> Waiting.on(forever)));
        assertThat(Bench.refusal(() -> frame.attach("narrow")).reason()).isEqualTo(Reason.BUSY);
        assertThat(held.table().contiguousAddress()).hasValue(BASE);
        held.close();
        frame.attach("narrow");
    }

    /** Together they hang for longer than the core may take to stop. */
    @Test
    void whereEveryReleaseHangsTheCoreGivesAllMemoryBack() {
        for (int i = 0; i < 6; i++) {
            String device = "d" + i;
            bench.device(device, "");
            PoolAllocator pool = bench.pool("pool" + i, i, BASE + i * 16L * Bench.MIB);
            pool.accepts = participant -> participant.device().equals(device);
            pool.releasing = _ -> Waiting.on(forever);
            bench.buffer(4096).attach(device).map(Direction.TO_DEVICE);
        }
        assertThat(bench.memory.inUse()).isEqualTo(6 * 4096);
        bench.sandbox.close();
        await().until(() -> bench.memory.inUse() == 0);
    }
}
