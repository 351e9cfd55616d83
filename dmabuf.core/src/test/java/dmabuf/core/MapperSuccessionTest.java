// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Attachment;
import dmabuf.api.CpuMode;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Participant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** No two mappings of a domain that are in use at once have an address in common, whoever made them. */
class MapperSuccessionTest {
    private static final long FIRST = 0x10_0000;
    private static final long LATER = 0x2000_0000L;

    private final Bench bench = new Bench();
    private final TestMapper mapper = new TestMapper("smmu");
    private DmaBuf frame;
    private Attachment gpu;

    @BeforeEach
    void setUp() {
        bench.pool("pool", 0, 0x1000_0000L);
        bench.sandbox.addMapper(mapper);
        bench.sandbox.addDevice(Device.of("gpu", List.of(Bench.path("").withIommu("smmu"))), Map.of());
        frame = bench.buffer(4096);
        gpu = frame.attach("gpu");
    }

    @AfterEach
    void nothingIsLeft() {
        bench.close();
    }

    @Test
    void whoComesAfterwardsTakesOverWhatIsMapped() {
        Mapping mapping = gpu.map(Direction.TO_DEVICE);
        bench.sandbox.removeMapper(mapper);
        TestMapper next = new TestMapper("smmu");
        bench.sandbox.addMapper(next);
        assertThat(next.mapped).containsOnlyKeys(FIRST);
        Mapping other = bench.buffer(4096).attach("gpu").map(Direction.TO_DEVICE);
        assertThat(other.table().contiguousAddress().orElseThrow()).isGreaterThan(FIRST);
        mapping.close();
        assertThat(next.mapped).doesNotContainKey(FIRST).hasSize(1);
        other.close();
        assertThat(next.mapped).isEmpty();
    }

    @Test
    void whoStandsByTakesOverWhenTheHolderLeaves() {
        TestMapper standby = new TestMapper("smmu");
        bench.sandbox.addMapper(standby);
        Mapping mapping = gpu.map(Direction.TO_DEVICE);
        assertThat(standby.mapped).isEmpty();
        bench.sandbox.removeMapper(mapper);
        assertThat(standby.mapped).containsOnlyKeys(FIRST);
        mapping.close();
        assertThat(standby.mapped).isEmpty();
    }

    @Test
    void anOrphanIsTakenWhenTheMapperOfItsDeviceIsBack() {
        orphan();
        bench.sandbox.removeMapper(mapper);
        bench.pool("later", 0, LATER);
        assertThat(frame.info().orphaned()).as("no mapper for its device").isTrue();
        bench.sandbox.addMapper(mapper);
        assertThat(frame.info().allocator()).hasValue("later");
        assertThat(frame.info().orphaned()).isFalse();
    }

    @Test
    void anOrphanIsTakenWhenTheDeviceThatNobodySatisfiesDetaches() {
        bench.device("low", "range=0x0..0x1fffffff");
        Attachment low = frame.attach("low");
        orphan();
        bench.pool("later", 0, LATER);
        assertThat(frame.info().orphaned()).as("out of the window of low").isTrue();
        low.close();
        assertThat(frame.info().allocator()).hasValue("later");
        assertThat(frame.info().orphaned()).isFalse();
    }

    @Test
    void anOrphanIsTakenWhenTheDeviceThatNobodySatisfiesLeaves() {
        bench.device("low", "range=0x0..0x1fffffff");
        frame.attach("low");
        orphan();
        bench.pool("later", 0, LATER);
        bench.sandbox.removeDevice("low");
        assertThat(frame.info().allocator()).hasValue("later");
    }

    /** Backs the frame in the only pool, which leaves. */
    private void orphan() {
        frame.beginCpuAccess(CpuMode.WRITE).close();
        bench.sandbox.removeAllocator("pool");
    }

    @Test
    void whatIsUnmappedWhileItIsTakenOverIsUnmappedAtTheSuccessor() {
        Mapping mapping = gpu.map(Direction.TO_DEVICE);
        bench.sandbox.removeMapper(mapper);
        TestMapper next = new TestMapper("smmu") {
            @Override
            public synchronized boolean adopt(Participant device, List<Segment> physical, Segment piece) {
                mapping.close();
                return super.adopt(device, physical, piece);
            }
        };
        bench.sandbox.addMapper(next);
        assertThat(next.mapped).isEmpty();
    }

    @Test
    void whoTakesNothingOverIsRefusedTheSameAddressesUntilTheyAreFree() {
        Mapping mapping = gpu.map(Direction.TO_DEVICE);
        bench.sandbox.removeMapper(mapper);
        TestMapper stubborn = new TestMapper("smmu") {
            @Override
            public synchronized boolean adopt(Participant device, List<Segment> physical, Segment piece) {
                return false;
            }
        };
        stubborn.answering = piece -> new Segment(FIRST, piece.byteSize());
        bench.sandbox.addMapper(stubborn);
        Attachment other = bench.buffer(4096).attach("gpu");
        DmaBufException refusal = Bench.refusal(() -> other.map(Direction.TO_DEVICE));
        assertThat(refusal.reason()).isEqualTo(Reason.NO_ALLOCATOR);
        assertThat(refusal).hasMessage("mapper for smmu: overlaps what is mapped at 0x100000+0x1000 (gpu)");
        assertThat(stubborn.mapped).isEmpty();
        mapping.close();
        other.map(Direction.TO_DEVICE);
    }

    @Test
    void aMapperThatHandsOutTheSameAddressesTwiceLies() {
        gpu.map(Direction.TO_DEVICE);
        mapper.answering = piece -> new Segment(FIRST, piece.byteSize());
        Attachment other = bench.buffer(4096).attach("gpu");
        assertThat(Bench.refusal(() -> other.map(Direction.TO_DEVICE)))
                .hasMessageStartingWith("mapper for smmu: overlaps what is mapped at ");
        mapper.answering = piece -> piece;
        other.map(Direction.TO_DEVICE);
    }

    @Test
    void whatAMapperTookOverBeforeItThrewIsItsOwn() {
        Mapping first = gpu.map(Direction.TO_DEVICE);
        Mapping second = bench.buffer(4096).attach("gpu").map(Direction.TO_DEVICE);
        long last = second.table().contiguousAddress().orElseThrow();
        bench.sandbox.removeMapper(mapper);
        TestMapper next = new TestMapper("smmu") {
            @Override
            public synchronized boolean adopt(Participant device, List<Segment> physical, Segment piece) {
                if (piece.address() == last) {
                    throw new IllegalStateException("broken");
                }
                return super.adopt(device, physical, piece);
            }
        };
        bench.sandbox.addMapper(next);
        assertThat(next.mapped).containsOnlyKeys(FIRST);
        first.close();
        assertThat(next.mapped).isEmpty();
        second.close();
    }

    @Test
    void whatIsTakenOverTooLateIsUnmappedThere() {
        gpu.map(Direction.TO_DEVICE);
        bench.sandbox.removeMapper(mapper);
        CountDownLatch added = new CountDownLatch(1);
        CountDownLatch unmapped = new CountDownLatch(1);
        TestMapper slow = new TestMapper("smmu") {
            @Override
            public synchronized boolean adopt(Participant device, List<Segment> physical, Segment piece) {
                Waiting.on(added);
                return super.adopt(device, physical, piece);
            }

            @Override
            public void unmap(Segment piece) {
                super.unmap(piece);
                unmapped.countDown();
            }
        };
        bench.sandbox.addMapper(slow);
        added.countDown();
        Waiting.on(unmapped);
        assertThat(slow.mapped).isEmpty();
    }

    @Test
    void whatIsMappedWhileTheStandbyTakesOverIsOfferedToItToo() {
        Attachment other = bench.buffer(4096).attach("gpu");
        List<Mapping> meanwhile = new CopyOnWriteArrayList<>();
        TestMapper standby = new TestMapper("smmu") {
            @Override
            public synchronized boolean adopt(Participant device, List<Segment> physical, Segment piece) {
                if (meanwhile.isEmpty()) {
                    meanwhile.add(CompletableFuture.supplyAsync(() -> other.map(Direction.TO_DEVICE)).join());
                }
                return super.adopt(device, physical, piece);
            }
        };
        bench.sandbox.addMapper(standby);
        Mapping mapping = gpu.map(Direction.TO_DEVICE);
        bench.sandbox.removeMapper(mapper);
        assertThat(standby.mapped).containsKey(FIRST).hasSize(2);
        mapping.close();
        meanwhile.forEach(Mapping::close);
        assertThat(standby.mapped).isEmpty();
    }
}
