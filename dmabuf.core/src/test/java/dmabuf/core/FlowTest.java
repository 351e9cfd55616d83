// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Attachment;
import dmabuf.api.BufferState;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Mapping;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** The whole way of a frame, once, in the order of the contract. */
class FlowTest {
    @Test
    void aFrameGoesItsWay() {
        try (Bench bench = new Bench().devices("cam", "codec")) {
            PoolAllocator pool = bench.pool("pool", 0, 0x4000_0000L);
            DmaBuf frame = bench.buffer(100_000);
            assertThat(frame.info().state()).isEqualTo(BufferState.DEFERRED);
            Attachment cam = frame.attach("cam");
            Attachment codec = frame.attach("codec");
            assertThat(pool.requests).hasValue(0);

            try (Mapping first = cam.map(Direction.FROM_DEVICE);
                    Mapping second = codec.map(Direction.TO_DEVICE);
                    CpuAccess access = frame.beginCpuAccess(CpuMode.READ_WRITE)) {
                assertThat(first.table()).isEqualTo(second.table());
                assertThat(first.table().contiguousAddress()).hasValue(0x4000_0000L);
                assertThat(access.segment().byteSize()).isEqualTo(100_000);
                access.segment().set(ValueLayout.JAVA_BYTE, 99_999, (byte) 7);
            }
            assertThat(frame.info().storageSize()).isEqualTo(102_400);
            cam.close();
            codec.close();
            frame.close();
            assertThat(frame.info().state()).isEqualTo(BufferState.RELEASED);
            assertThat(pool.releases).hasValue(1);
            assertThat(bench.memory.inUse()).isZero();
        }
    }
}
