// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dmabuf.api.BufferFlags;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.UserMapping;
import dmabuf.api.spi.AllocatorSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bracketed CPU accesses and user mappings. */
class CpuAccessTest {
    private final Bench bench = new Bench().devices("cam");
    private final PoolAllocator pool = bench.pool("pool", 0, 0x4000_0000L);

    @AfterEach
    void nothingIsLeft() {
        bench.close();
    }

    @Test
    void theFirstAccessAllocatesZeroedMemory() {
        DmaBuf frame = bench.buffer(5000);
        try (CpuAccess access = frame.beginCpuAccess(CpuMode.READ)) {
            assertThat(access.segment().byteSize()).isEqualTo(5000);
            assertThat(access.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly((byte) 0);
        }
        assertThat(pool.requests).hasValue(1);
    }

    @Test
    void theSegmentDiesAtTheEnd() {
        DmaBuf frame = bench.buffer(4096);
        CpuAccess access = frame.beginCpuAccess(CpuMode.READ_WRITE);
        MemorySegment segment = access.segment();
        access.close();
        assertThat(segment.scope().isAlive()).isFalse();
        assertThatIllegalStateException().isThrownBy(() -> segment.get(ValueLayout.JAVA_BYTE, 0));
        assertThat(Bench.refusal(access::segment)).hasMessage("the CPU access to buffer frame has ended");
    }

    @Test
    void aReaderCannotWrite() {
        try (CpuAccess access = bench.buffer(4096).beginCpuAccess(CpuMode.READ)) {
            assertThat(access.segment().isReadOnly()).isTrue();
            assertThatExceptionOfType(IllegalArgumentException.class)
                    .isThrownBy(() -> access.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 1));
        }
    }

    @Test
    void accessesNestAndAreCounted() {
        DmaBuf frame = bench.buffer(4096);
        try (CpuAccess outer = frame.beginCpuAccess(CpuMode.READ_WRITE);
                CpuAccess inner = frame.beginCpuAccess(CpuRequest.of(CpuMode.READ).withRange(10, 5))) {
            outer.segment().set(ValueLayout.JAVA_BYTE, 12, (byte) 3);
            assertThat(inner.segment().get(ValueLayout.JAVA_BYTE, 2)).isEqualTo((byte) 3);
            assertThat(frame.info().cpuAccesses()).isEqualTo(2);
        }
        assertThat(frame.info().cpuAccesses()).isZero();
    }

    @Test
    void aConfinedAccessBelongsToItsThread() {
        DmaBuf frame = bench.buffer(4096);
        CpuAccess access = frame.beginCpuAccess(CpuMode.READ);
        CompletableFuture<Void> elsewhere = CompletableFuture.runAsync(access::close);
        assertThatExceptionOfType(CompletionException.class)
                .isThrownBy(elsewhere::join)
                .withCauseInstanceOf(IllegalStateException.class)
                .withMessageContaining("must end it");
        assertThat(frame.info().cpuAccesses()).isEqualTo(1);
        access.close();
    }

    @Test
    void aSharedAccessIsUsedAndEndedByAnybody() {
        DmaBuf frame = bench.buffer(4096);
        CpuAccess access = frame.beginCpuAccess(CpuRequest.of(CpuMode.READ_WRITE).withShared());
        CompletableFuture.runAsync(() -> {
                    access.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
                    access.close();
                })
                .join();
        assertThat(frame.info().cpuAccesses()).isZero();
    }

    @Test
    void aUserMappingIsUsedInBracketsWithinItsRange() {
        DmaBuf frame = bench.buffer(4096);
        try (UserMapping view = frame.mapForUser(CpuRequest.of(CpuMode.READ_WRITE).withRange(1024, 512))) {
            for (int i = 0; i < 3; i++) {
                try (CpuAccess access = view.begin()) {
                    assertThat(access.segment().byteSize()).isEqualTo(512);
                }
            }
            assertThat(frame.info().userMappings()).isEqualTo(1);
            assertThat(Bench.refusal(frame::move).reason()).isEqualTo(Reason.BUSY);
        }
        frame.move();
    }

    @Test
    void theCpuStaysOutOfWhatIsNotForIt() {
        DmaBuf closed = bench.exporter.create(
                BufferRequest.ofSize(1).withName("closed").withFlags(List.of(BufferFlags.NO_CPU)));
        refuses(closed, CpuMode.READ, "buffer closed was created NO_CPU: the CPU stays out");
        DmaBuf fixed = bench.exporter.create(
                BufferRequest.ofSize(1).withName("fixed").withReadOnly(true));
        refuses(fixed, CpuMode.WRITE, "buffer fixed is read-only: ask for READ");
        fixed.beginCpuAccess(CpuMode.READ).close();
    }

    @Test
    void secureMemoryAndCpuAccessExcludeEachOther() {
        bench.device("vault", "secure");
        bench.sandbox.addAllocator(
                new AllocatorSpec("safe", 9, "t", "safe", Optional.empty(), OptionalInt.empty(), true, false, Set.of()),
                new PoolAllocator(0x8000_0000L, 1 << 20));
        DmaBuf frame = bench.buffer(4096);
        try (CpuAccess access = frame.beginCpuAccess(CpuMode.READ)) {
            DmaBufException refusal = Bench.refusal(() -> frame.attach("vault"));
            assertThat(refusal.reason()).as("seen by the CPU: %s", access.mode()).isEqualTo(Reason.BUSY);
            assertThat(refusal).hasMessageContaining("held by the CPU, for app");
        }
        frame.attach("vault");
        refuses(frame, CpuMode.READ, "buffer frame must be secure for its devices: the CPU stays out");
    }

    private static void refuses(DmaBuf buffer, CpuMode mode, String message) {
        DmaBufException refusal = Bench.refusal(() -> buffer.beginCpuAccess(mode));
        assertThat(refusal.reason()).isEqualTo(Reason.ACCESS);
        assertThat(refusal).hasMessage(message);
    }
}
