// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.BufferRequest;
import dmabuf.api.BufferSet;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Direction;
import dmabuf.api.SetBuffer;
import dmabuf.api.SetDevice;
import dmabuf.api.SetRequest;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;

/** Two pools, the devices of a camera pipeline, and sets of which nothing is left at the end. */
abstract class SetStage {
    static final long LOW = 0x1000_0000L;
    static final long HIGH = 0x1_0000_0000L;
    static final int COUNT = 4;
    static final int SIZE = 8192;
    static final Duration LONG = Duration.ofSeconds(60);

    /** Nobody here is slow but a loaded machine. */
    final Bench bench = new Bench(new Settings(LONG, LONG, OptionalLong.empty()));

    final PoolAllocator high = bench.pool("high", 9, HIGH);
    final PoolAllocator low = bench.pool("low", 1, LOW);

    SetStage() {
        bench.devices("cam", "display").device("encoder", "range=0x0..0xffffffff").device("picky", "access=2");
    }

    @AfterEach
    void nothingIsLeft() {
        bench.close();
        assertThat(high.statistics().live() + low.statistics().live()).isZero();
    }

    BufferSet queue() {
        return bench.exporter.createSet(SetRequest.of(BufferRequest.ofSize(SIZE).withName("queue"), COUNT));
    }

    /** A set that previews: the camera fills, the display shows. */
    BufferSet preview() {
        BufferSet set = queue();
        set.attach(List.of(
                new SetDevice("cam", Direction.FROM_DEVICE), new SetDevice("display", Direction.TO_DEVICE)));
        return set;
    }

    static List<SetBuffer> acquireAll(BufferSet set) {
        return IntStream.range(0, COUNT).mapToObj(_ -> set.acquire(Duration.ZERO)).toList();
    }

    static void fill(SetBuffer frame, int value) {
        try (CpuAccess access = frame.buffer().beginCpuAccess(CpuMode.WRITE)) {
            access.segment().fill((byte) value);
        }
    }

    static void verify(SetBuffer frame, int value) {
        try (CpuAccess access = frame.buffer().beginCpuAccess(CpuMode.READ)) {
            assertThat(access.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly((byte) value);
        }
    }

    static long address(SetBuffer frame, String device) {
        return frame.mapping(device).table().contiguousAddress().orElseThrow();
    }
}
