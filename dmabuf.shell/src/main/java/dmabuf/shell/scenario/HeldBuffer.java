// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import dmabuf.api.Attachment;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.DmaBuf;
import dmabuf.api.MapRequest;
import dmabuf.api.Mapping;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The handles that a case holds of one buffer. Each map and each access leaves one, and the statement that ends it takes
 * the youngest: it may have ended by itself, which is harmless. To end what the case does not hold is its misuse. An
 * attachment stays, because detaching twice is harmless.
 */
final class HeldBuffer {
    final DmaBuf buffer;
    private final Map<String, Attachment> attachments = new HashMap<>();
    private final Map<String, Deque<Mapping>> mappings = new HashMap<>();
    private final Deque<CpuAccess> accesses = new ArrayDeque<>();

    HeldBuffer(DmaBuf buffer) {
        this.buffer = buffer;
    }

    void attach(List<String> devices) {
        List<Attachment> added =
                devices.size() == 1 ? List.of(buffer.attach(devices.getFirst())) : buffer.attach(devices);
        for (Attachment attachment : added) {
            attachments.put(attachment.device(), attachment);
            mappings.remove(attachment.device());
        }
    }

    Mapping map(String device, MapRequest request) {
        Mapping mapping = attachment(device).map(request);
        mappings.computeIfAbsent(device, name -> new ArrayDeque<>()).push(mapping);
        return mapping;
    }

    void unmap(String device) {
        attachment(device);
        Deque<Mapping> open = mappings.getOrDefault(device, new ArrayDeque<>());
        if (open.isEmpty()) {
            throw new IllegalStateException(device + " is not mapped");
        }
        open.pop().close();
    }

    void detach(String device) {
        attachment(device).close();
    }

    void begin() {
        accesses.push(buffer.beginCpuAccess(CpuMode.READ_WRITE));
    }

    void end() {
        if (accesses.isEmpty()) {
            throw new IllegalStateException("no CPU access is open");
        }
        accesses.pop().close();
    }

    private Attachment attachment(String device) {
        return Optional.ofNullable(attachments.get(device))
                .orElseThrow(() -> new IllegalStateException(device + " was never attached to this buffer"));
    }
}
