// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.AttachmentInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.DeviceInfo;
import dmabuf.api.DmaBuf;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Names go by code points everywhere; UTF-16 units would put a camera sign (U+1F4F7) before a wide tilde (U+FF5E). */
class NameOrderTest {
    private static final String TILDE = "\uff5e";
    private static final String CAMERA = "\ud83d\udcf7";

    @Test
    void allocatorsDevicesMembersAndLaggardsGoByCodePoints() {
        try (Bench bench = new Bench().devices(CAMERA, TILDE)) {
            bench.pool(CAMERA, 0, 0x1000_0000L);
            bench.pool(TILDE, 0, 0x2000_0000L);
            assertThat(bench.exporter.allocators()).extracting(AllocatorInfo::id).containsExactly(TILDE, CAMERA);
            assertThat(bench.exporter.devices()).extracting(DeviceInfo::name).containsExactly(TILDE, CAMERA);

            DmaBuf buffer = bench.exporter.create(
                    BufferRequest.ofSize(1).withExpectedDevices(List.of(CAMERA, TILDE)));
            assertThat(buffer.info().laggards()).containsExactly(TILDE, CAMERA);
            buffer.attach(List.of(CAMERA, TILDE));
            assertThat(buffer.info().attachments()).extracting(AttachmentInfo::device).containsExactly(TILDE, CAMERA);
            buffer.close();
        }
    }
}
