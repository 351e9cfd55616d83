// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import dmabuf.api.AttachRequest;
import dmabuf.api.AttachResult;
import dmabuf.api.Attachment;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.BufferState;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Exporter;
import dmabuf.api.MapRequest;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.shell.text.NearNames;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * The handles that were opened from the shell, by the names of their buffers, for all its sessions. A buffer of another
 * owner is found by name or {@code #id}; the shell then holds a reference of its own until {@code free}.
 */
@Component(service = ShellBuffers.class)
public final class ShellBuffers {
    private final Exporter exporter;
    private final Map<String, Held> held = new LinkedHashMap<>();

    /** Starts with none. */
    @Activate
    public ShellBuffers(@Reference Exporter exporter) {
        this.exporter = exporter;
    }

    /** What the shell holds of one buffer. */
    private record Held(DmaBuf buffer, Map<String, Attachment> attachments, Map<String, Deque<Mapping>> mappings) {
        static Held of(DmaBuf buffer) {
            return new Held(buffer, new HashMap<>(), new HashMap<>());
        }
    }

    synchronized DmaBuf create(String name, BufferRequest request) {
        if (find(name).isPresent()) {
            throw new DmaBufException(Reason.INVALID, "there is a buffer " + name + " already: choose another name");
        }
        DmaBuf buffer = exporter.create(request.withName(name));
        held.put(name, Held.of(buffer));
        return buffer;
    }

    /** Returns the picture of a buffer of any owner. */
    synchronized BufferInfo info(String name) {
        return find(name).map(each -> each.buffer().info()).orElseGet(() -> foreign(name));
    }

    synchronized DmaBuf buffer(String name) {
        return open(name).buffer();
    }

    synchronized AttachResult attach(String name, AttachRequest request) {
        Held buffer = open(name);
        AttachResult result = buffer.buffer().attach(request);
        result.attachments().forEach(attachment -> buffer.attachments().put(attachment.device(), attachment));
        return result;
    }

    synchronized Mapping map(String name, String device, MapRequest request) {
        Held buffer = open(name);
        Mapping mapping = attachment(name, buffer, device).map(request);
        buffer.mappings().computeIfAbsent(full(device), key -> new ArrayDeque<>()).push(mapping);
        return mapping;
    }

    synchronized void unmap(String name, String device) {
        Deque<Mapping> open = open(name).mappings().getOrDefault(full(device), new ArrayDeque<>());
        if (open.isEmpty()) {
            throw new DmaBufException(Reason.INVALID, device + " is not mapped on " + name + " by this shell");
        }
        open.pop().close();
    }

    synchronized void detach(String name, String device) {
        Held buffer = open(name);
        attachment(name, buffer, device).close();
        buffer.attachments().remove(full(device));
    }

    /** Drops the shell's reference; its attachments and mappings stay until they are closed. */
    synchronized void free(String name) {
        open(name).buffer().close();
    }

    private Attachment attachment(String name, Held buffer, String device) {
        return Optional.ofNullable(buffer.attachments().get(full(device)))
                .orElseThrow(() -> new DmaBufException(
                        Reason.INVALID,
                        device + " is not attached to " + name + " by this shell; attached are "
                                + buffer.attachments().keySet()));
    }

    private String full(String device) {
        return exporter.device(Choices.device(device)).name();
    }

    private Held open(String name) {
        return find(name).orElseGet(() -> {
            BufferInfo info = foreign(name);
            Held opened = Held.of(exporter.open(info.id()));
            held.put(info.name(), opened);
            return opened;
        });
    }

    /** Released buffers give their names free. */
    private Optional<Held> find(String name) {
        held.values().removeIf(each -> each.buffer().info().state() == BufferState.RELEASED);
        Optional<Held> byId = held.values().stream()
                .filter(each -> name.equals("#" + each.buffer().id()))
                .findFirst();
        return byId.or(() -> Optional.ofNullable(held.get(name)));
    }

    private BufferInfo foreign(String name) {
        List<BufferInfo> all = exporter.buffers();
        return all.stream()
                .filter(info -> info.name().equals(name) || name.equals("#" + info.id()))
                .findFirst()
                .orElseThrow(() -> new DmaBufException(
                        Reason.INVALID,
                        "no buffer has the name " + name + ": "
                                + NearNames.hint(name, all.stream().map(BufferInfo::name).toList())));
    }

    /** Closes everything, mappings first; a handle that has died with its core is none any more. */
    @Deactivate
    synchronized void close() {
        List<Runnable> closings = new ArrayList<>();
        for (Held each : held.values()) {
            each.mappings().values().forEach(open -> open.forEach(mapping -> closings.add(mapping::close)));
            each.attachments().values().forEach(attachment -> closings.add(attachment::close));
            closings.add(each.buffer()::close);
        }
        held.clear();
        for (Runnable closing : closings) {
            try {
                closing.run();
            } catch (DmaBufException e) {
                if (e.reason() != Reason.GONE) {
                    throw e;
                }
            }
        }
    }
}
