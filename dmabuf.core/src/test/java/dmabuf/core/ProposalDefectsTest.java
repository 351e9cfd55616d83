// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dmabuf.api.Attachment;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.BufferState;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.AllocatorSpec;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The defects of the 2014 proposal ("cenalloc"), one test each. */
class ProposalDefectsTest {
    private static final long LOW = 0x1000_0000L;
    private static final long HIGH = 0x2000_0000L;

    private final Bench bench = new Bench().devices("cam", "codec");

    @AfterEach
    void nothingIsLeft() {
        bench.close();
    }

    /** The proposal used an allocator's id, a bit number, as its priority. */
    @Test
    void idAsPriority() {
        bench.pool("zeta", 9, LOW);
        bench.pool("alpha", 1, HIGH);
        assertThat(allocatorOf(mapped("cam"))).isEqualTo("zeta");
    }

    /** It went through all allocators and kept the last one that matched. */
    @Test
    void lastMatchWins() {
        bench.pool("a", 5, LOW);
        bench.pool("b", 5, HIGH);
        bench.pool("c", 1, 0x3000_0000L);
        assertThat(allocatorOf(mapped("cam"))).isEqualTo("a");
    }

    /** It looked at the buffer's allocator before the first map had chosen one. */
    @Test
    void allocatorReadBeforeItIsChosen() {
        bench.pool("pool", 0, LOW);
        DmaBuf frame = bench.buffer(4096);
        assertThat(frame.info().allocator()).isEmpty();
        Attachment cam = frame.attach("cam");
        assertThat(frame.info().allocator()).isEmpty();
        Mapping mapping = cam.map(Direction.TO_DEVICE);
        assertThat(mapping.allocator()).isEqualTo("pool");
        assertThat(frame.info().allocator()).hasValue("pool");
    }

    /** When the chosen allocator failed, nobody else was asked. */
    @Test
    void noFallBack() {
        PoolAllocator first = bench.pool("first", 9, LOW);
        bench.pool("second", 1, HIGH);
        first.allocating = _ -> {
            throw new DmaBufException(Reason.OUT_OF_MEMORY, "full");
        };
        DmaBuf frame = mapped("cam");
        assertThat(allocatorOf(frame)).isEqualTo("second");
        assertThat(frame.info().lastDecision())
                .extracting(attempt -> attempt.allocator() + " " + attempt.failure().map(Reason::name).orElse("ok"))
                .containsExactly("first OUT_OF_MEMORY", "second ok");
    }

    /** After a failed allocation the allocator stayed chosen for ever. */
    @Test
    void staleChoiceAfterAFailure() {
        PoolAllocator only = bench.pool("only", 9, LOW);
        DmaBuf frame = bench.buffer(4096);
        Attachment cam = frame.attach("cam");
        only.allocating = _ -> {
            throw new DmaBufException(Reason.OUT_OF_MEMORY, "full");
        };
        assertThat(Bench.refusal(() -> cam.map(Direction.TO_DEVICE)).reason()).isEqualTo(Reason.OUT_OF_MEMORY);
        assertThat(frame.info().allocator()).isEmpty();
        assertThat(frame.info().state()).isEqualTo(BufferState.DEFERRED);
        bench.pool("better", 10, HIGH);
        assertThat(cam.map(Direction.TO_DEVICE).allocator()).isEqualTo("better");
    }

    /** A refused attach had already narrowed the buffer's mask. */
    @Test
    void failedAttachPoisons() {
        bench.device("left", "access=0x6").device("wrong", "access=0x9").device("right", "access=0x4");
        bench.pool("pool", 0, LOW);
        DmaBuf frame = bench.buffer(4096);
        frame.attach("left");
        BufferInfo before = frame.info();
        DmaBufException refusal = Bench.refusal(() -> frame.attach("wrong"));
        assertThat(refusal.reason()).isEqualTo(Reason.INCOMPATIBLE);
        assertThat(refusal.explanation().blames()).extracting(Object::toString).containsExactly("left.mask", "wrong.mask");
        assertThat(frame.info()).usingRecursiveComparison().ignoringFields("lastRefusal").isEqualTo(before);
        frame.attach("right");
        assertThat(frame.info().constraints().accessMask()).isEqualTo(0x4);
    }

    /** Detaching a device left its constraints in the buffer. */
    @Test
    void detachNeverWidens() {
        bench.device("a", "access=0x6 align=64K").device("b", "access=0x3");
        bench.pool("pool", 0, LOW);
        DmaBuf frame = bench.buffer(4096);
        Attachment a = frame.attach("a");
        Attachment b = frame.attach("b");
        assertThat(frame.info().constraints()).isEqualTo(DmaConstraints.parse("access=0x2 align=64K"));
        a.close();
        assertThat(frame.info().constraints()).isEqualTo(DmaConstraints.parse("access=0x3"));
        b.close();
        assertThat(frame.info().constraints()).isEqualTo(DmaConstraints.NEUTRAL);
    }

    /** A device without parameters was dereferenced all the same; a null argument changed the state before it failed. */
    @Test
    @SuppressWarnings({"NullAway", "DataFlowIssue"})
    void nullParameters() {
        bench.pool("pool", 0, LOW);
        DmaBuf frame = bench.buffer(4096);
        BufferInfo before = frame.info();
        assertThatNullPointerException().isThrownBy(() -> frame.attach((String) null));
        assertThatNullPointerException().isThrownBy(() -> frame.attach((List<String>) null));
        assertThatNullPointerException().isThrownBy(() -> frame.beginCpuAccess((CpuMode) null));
        assertThatNullPointerException().isThrownBy(() -> bench.exporter.create(null));
        assertThatNullPointerException().isThrownBy(() -> bench.exporter.share(null));
        assertThatNullPointerException().isThrownBy(() -> bench.exporter.device(null));
        assertThat(frame.info()).isEqualTo(before);
        assertThat(frame.attach("cam").device()).as("a device that states nothing").isEqualTo("cam");
    }

    /** Whether storage was there was tested before the lock was taken: two threads allocated twice. */
    @Test
    void checkOutsideTheLock() throws InterruptedException, ExecutionException {
        PoolAllocator pool = bench.pool("pool", 0, LOW);
        new FirstMapRace(bench, 10_000).run(16);
        assertThat(pool.requests).as("exactly one allocation for each buffer").hasValue(10_000);
        assertThat(pool.releases).hasValue(10_000);
        assertThat(pool.statistics().live()).isZero();
    }

    /** The second map of a buffer returned no table. */
    @Test
    void secondMapReturnsNothing() {
        bench.pool("pool", 0, LOW);
        DmaBuf frame = bench.buffer(4096);
        Attachment cam = frame.attach("cam");
        Attachment codec = frame.attach("codec");
        Mapping first = cam.map(Direction.TO_DEVICE);
        assertThat(cam.map(Direction.TO_DEVICE).table()).isEqualTo(first.table());
        assertThat(codec.map(Direction.FROM_DEVICE).table()).isEqualTo(first.table());
    }

    /** The third map allocated again, and lost what was there. */
    @Test
    void thirdAllocatesAgain() {
        PoolAllocator pool = bench.pool("pool", 0, LOW);
        DmaBuf frame = bench.buffer(4096);
        Attachment cam = frame.attach("cam");
        for (int i = 0; i < 3; i++) {
            cam.map(Direction.TO_DEVICE).close();
        }
        assertThat(pool.requests).hasValue(1);
        assertThat(frame.info().moves()).isZero();
    }

    /** Asking for the physical address took a lock that the caller held already. */
    @Test
    @Timeout(60)
    void physicalQueryLocksTwice() {
        bench.pool("pool", 0, LOW);
        DmaBuf frame = bench.buffer(4096);
        Mapping mapping = frame.attach("cam").map(Direction.TO_DEVICE);
        assertThat(mapping.table().contiguousAddress()).hasValue(LOW);
        try (CpuAccess access = frame.beginCpuAccess(CpuMode.READ)) {
            assertThat(mapping.table().contiguousAddress()).hasValue(LOW);
            assertThat(access.segment().byteSize()).isEqualTo(4096);
        }
    }

    /** Destroying a buffer that never was mapped freed an allocation that never was. */
    @Test
    void destroyUnmapped() {
        PoolAllocator pool = bench.pool("pool", 0, LOW);
        DmaBuf frame = bench.buffer(4096);
        frame.attach("cam").close();
        frame.close();
        frame.close();
        assertThat(frame.info().state()).isEqualTo(BufferState.RELEASED);
        assertThat(pool.releases).hasValue(0);
    }

    /** When the table could not be built, the storage was lost. */
    @Test
    void failedTableBuildLeaks() {
        TestMapper mapper = new TestMapper("smmu");
        bench.sandbox.addMapper(mapper);
        bench.sandbox.addDevice(
                Device.of("gpu", List.of(Bench.path("").withIommu("smmu"))), Map.of());
        PoolAllocator pool = bench.pool("pool", 0, LOW);
        DmaBuf frame = bench.buffer(8192);
        Attachment gpu = frame.attach("gpu");
        BufferInfo before = frame.info();
        mapper.answering = piece -> new Segment(piece.address(), piece.byteSize() / 2);
        DmaBufException refusal = Bench.refusal(() -> gpu.map(Direction.TO_DEVICE));
        assertThat(refusal.reason()).isEqualTo(Reason.NO_ALLOCATOR);
        assertThat(refusal).hasMessageContaining("wrong length");
        assertThat(frame.info()).usingRecursiveComparison().ignoringFields("lastRefusal", "lastDecision").isEqualTo(before);
        assertThat(pool.releases).hasValue(1);
        assertThat(mapper.mapped).isEmpty();
        assertThat(bench.memory.inUse()).isZero();
    }

    /** One unmap or end-access too many took the count below zero, and the storage from the others. */
    @Test
    void unbalancedUnmapAndEndAccess() {
        PoolAllocator pool = bench.pool("pool", 0, LOW);
        DmaBuf frame = bench.buffer(4096);
        Attachment cam = frame.attach("cam");
        Mapping first = cam.map(Direction.TO_DEVICE);
        Mapping second = cam.map(Direction.TO_DEVICE);
        first.close();
        first.close();
        CpuAccess outer = frame.beginCpuAccess(CpuMode.READ);
        CpuAccess inner = frame.beginCpuAccess(CpuMode.READ);
        inner.close();
        inner.close();
        assertThat(frame.info().attachments().getFirst().mappings()).isEqualTo(1);
        assertThat(frame.info().cpuAccesses()).isEqualTo(1);
        assertThat(second.table().byteSize()).isEqualTo(4096);
        assertThat(outer.segment().scope().isAlive()).isTrue();
        assertThat(pool.releases).hasValue(0);
        outer.close();
    }

    /** An allocator with a bad id, or one that was taken, was entered all the same. */
    @Test
    void invalidAllocatorAccepted() {
        assertThat(Bench.refusal(() -> AllocatorSpec.from(Map.of()))).hasMessageContaining("dmabuf.allocator.id");
        assertThat(Bench.refusal(() -> new AllocatorSpec(
                        "x", 0, "t", "x", Optional.empty(), OptionalInt.of(64), false, false, Set.of())))
                .hasMessage("bit=64 of allocator x is not between 0 and 63");
        bench.pool("pool", 0, LOW);
        DmaBufException taken = Bench.refusal(() -> bench.pool("pool", 9, HIGH));
        assertThat(taken.reason()).isEqualTo(Reason.INVALID);
        assertThat(taken).hasMessageContaining("allocator id pool").hasMessageContaining("stands by");
        assertThat(allocatorOf(mapped("cam"))).isEqualTo("pool");
        assertThat(bench.exporter.allocators()).extracting(info -> info.id() + " " + info.standby())
                .containsExactly("pool false", "pool true");
    }

    /** Ids were shifted as 32-bit numbers: bit 32 and above fell on others. */
    @Test
    void idsPast31() {
        bench.device("wide", "access=0x100000000");
        bench.sandbox.addAllocator(bit("zero", 9, 0), new PoolAllocator(LOW, 1 << 20));
        bench.sandbox.addAllocator(bit("wide", 1, 32), new PoolAllocator(HIGH, 1 << 20));
        assertThat(allocatorOf(mapped("wide"))).isEqualTo("wide");
    }

    private static AllocatorSpec bit(String id, int priority, int bit) {
        return new AllocatorSpec(
                id, priority, "scripted", id, Optional.empty(), OptionalInt.of(bit), false, false, Set.of());
    }

    /** Size 0 was accepted, and other sizes went to the allocator as they were. */
    @Test
    void sizeZeroAndUnroundedSizes() {
        assertThat(Bench.refusal(() -> BufferRequest.ofSize(0)))
                .hasMessage("size=0 is not allowed: a buffer has at least 1 byte, at most 2^63-1");
        bench.pool("pool", 0, LOW);
        DmaBuf frame = bench.buffer(1);
        Mapping mapping = frame.attach("cam").map(Direction.TO_DEVICE);
        assertThat(frame.byteSize()).isEqualTo(1);
        assertThat(frame.info().byteSize()).isEqualTo(1);
        assertThat(frame.info().storageSize()).isEqualTo(bench.memory.pageSize());
        assertThat(mapping.table().byteSize()).isEqualTo(bench.memory.pageSize());
    }

    /** The range of a CPU access was tested by adding offset and length, which overflowed. */
    @Test
    void offsetArithmeticThatOverflows() {
        bench.pool("pool", 0, LOW);
        DmaBuf frame = bench.buffer(4096);
        CpuRequest read = CpuRequest.of(CpuMode.READ);
        for (CpuRequest wrong : List.of(
                read.withRange(1, Long.MAX_VALUE), read.withRange(Long.MAX_VALUE, Long.MAX_VALUE),
                read.withRange(4095, 2), read.withRange(4096, 1))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> frame.beginCpuAccess(wrong))
                    .withMessageEndingWith("is not inside the buffer of 4096 bytes");
        }
        assertThat(frame.info().state()).isEqualTo(BufferState.DEFERRED);
        try (CpuAccess last = frame.beginCpuAccess(read.withRange(4095, 1))) {
            assertThat(last.segment().byteSize()).isEqualTo(1);
        }
    }

    /** All devices were given one table, cut by the limits of the last. */
    @Test
    void oneTableForAllDevices() {
        bench.device("small", "maxSegmentSize=4K").device("large", "maxSegments=1");
        bench.pool("pool", 0, LOW);
        DmaBuf frame = bench.buffer(64 * Bench.KIB);
        List<Attachment> both = frame.attach(List.of("small", "large"));
        assertThat(both.get(0).map(Direction.TO_DEVICE).table().segments()).hasSize(16);
        assertThat(both.get(1).map(Direction.TO_DEVICE).table().segments()).hasSize(1);
    }

    /** A buffer of another exporter was ignored, and the call succeeded. */
    @Test
    void foreignBufferSilentlyIgnored() {
        try (Bench other = new Bench()) {
            DmaBuf foreign = other.buffer(4096);
            DmaBufException refusal = Bench.refusal(() -> bench.exporter.share(foreign));
            assertThat(refusal.reason()).isEqualTo(Reason.INVALID);
            assertThat(refusal).hasMessageStartingWith("this buffer is not of this runtime");
            DmaBuf counterfeit = (DmaBuf) Proxy.newProxyInstance(
                    DmaBuf.class.getClassLoader(), new Class<?>[] {DmaBuf.class}, (_, _, _) -> null);
            assertThat(Bench.refusal(() -> bench.exporter.share(counterfeit)).reason()).isEqualTo(Reason.INVALID);
        }
    }

    /** Not in the list, but of the same kind: a device that attached twice was counted twice. */
    @Test
    void attachedTwice() {
        bench.pool("pool", 0, LOW);
        DmaBuf frame = bench.buffer(4096);
        frame.attach("cam");
        assertThatIllegalStateException()
                .isThrownBy(() -> frame.attach("cam"))
                .withMessage("device cam is attached to buffer frame already");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> frame.attach(List.of("codec", "codec")))
                .withMessage("device codec is named twice");
        assertThat(frame.info().attachments()).hasSize(1);
    }

    private DmaBuf mapped(String device) {
        DmaBuf frame = bench.buffer(4096);
        frame.attach(device).map(Direction.BIDIRECTIONAL);
        return frame;
    }

    private static String allocatorOf(DmaBuf frame) {
        return frame.info().allocator().orElseThrow();
    }
}
