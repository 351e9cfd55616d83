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
 * The handles that a case holds of one buffer. What a case closes twice is closed twice; closing what it never opened is
 * its misuse.
 */
final class HeldBuffer {
    final DmaBuf buffer;
    private final Map<String, Attachment> attachments = new HashMap<>();
    private final Map<String, Handles<Mapping>> mappings = new HashMap<>();
    private final Handles<CpuAccess> accesses = new Handles<>();

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
        mappings.computeIfAbsent(device, name -> new Handles<>()).add(mapping);
        return mapping;
    }

    void unmap(String device) {
        attachment(device);
        Handles<Mapping> handles = mappings.get(device);
        if (handles == null) {
            throw new IllegalStateException(device + " was never mapped");
        }
        handles.next().orElseThrow().close();
    }

    void detach(String device) {
        attachment(device).close();
    }

    void begin() {
        accesses.add(buffer.beginCpuAccess(CpuMode.READ_WRITE));
    }

    void end() {
        accesses.next()
                .orElseThrow(() -> new IllegalStateException("no CPU access was begun"))
                .close();
    }

    private Attachment attachment(String device) {
        return Optional.ofNullable(attachments.get(device))
                .orElseThrow(() -> new IllegalStateException(device + " was never attached to this buffer"));
    }

    /** Open handles, and the last one that was taken out. */
    private static final class Handles<T> {
        private final Deque<T> open = new ArrayDeque<>();
        private Optional<T> last = Optional.empty();

        void add(T handle) {
            open.push(handle);
        }

        /** Returns the handle to close: the youngest open one, else the last again; empty when there never was one. */
        Optional<T> next() {
            if (!open.isEmpty()) {
                last = Optional.of(open.pop());
            }
            return last;
        }
    }
}
