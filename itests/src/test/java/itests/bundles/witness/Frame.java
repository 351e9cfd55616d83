// SPDX-License-Identifier: Apache-2.0
package itests.bundles.witness;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Exporter;
import dmabuf.api.Mapping;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Random;

/** A buffer that maps: for two devices on the bus, for one behind the IOMMU, and for both kinds together. */
final class Frame {
    private static final List<List<String>> SETS = List.of(
            List.of("video-codec@38300000", "lcd-controller@32e00000"),
            List.of("video-codec@38400000"),
            List.of("video-codec@38300000", "video-codec@38400000"));

    private Frame() {}

    static String words(Exporter exporter) {
        StringBuilder words = new StringBuilder();
        for (List<String> devices : SETS) {
            words.append("frame for ").append(devices).append(": ").append(flow(exporter, devices)).append('\n');
        }
        return words.toString();
    }

    private static String flow(Exporter exporter, List<String> devices) {
        try (DmaBuf buffer = exporter.create(BufferRequest.ofSize(100_000))) {
            List<Attachment> members = buffer.attach(devices);
            try (Mapping first = members.getFirst().map(Direction.BIDIRECTIONAL)) {
                return first.allocator() + " " + first.table() + (keeps(buffer) ? " keeps its bytes" : " LOST BYTES");
            } finally {
                members.forEach(Attachment::close);
            }
        } catch (DmaBufException e) {
            return e.reason() + " " + e.getMessage();
        }
    }

    private static boolean keeps(DmaBuf buffer) {
        byte[] bytes = new byte[100_000];
        new Random(1).nextBytes(bytes);
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.WRITE)) {
            MemorySegment.copy(bytes, 0, access.segment(), ValueLayout.JAVA_BYTE, 0, bytes.length);
        }
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.READ)) {
            return access.segment().mismatch(MemorySegment.ofArray(bytes)) == -1;
        }
    }
}
