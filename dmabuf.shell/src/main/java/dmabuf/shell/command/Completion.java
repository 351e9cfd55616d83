// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.AttachmentInfo;
import dmabuf.api.BufferFlags;
import dmabuf.api.BufferInfo;
import dmabuf.api.DeviceInfo;
import dmabuf.api.DmaBufException;
import dmabuf.api.Exporter;
import dmabuf.api.OwnerInfo;
import dmabuf.shell.snapshot.Snapshots;
import dmabuf.shell.usage.Kind;
import dmabuf.shell.usage.Usage;
import dmabuf.shell.usage.Usages;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.felix.service.command.Descriptor;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * Knows what may stand where the cursor is. Gogo's line editor asks by a function of the shell, as {@link CompletionRules}
 * tells it; files it finds by itself.
 */
@Component(
        immediate = true,
        service = Completion.class,
        property = {"osgi.command.scope=dmabuf", "osgi.command.function=" + Completion.FUNCTION})
public final class Completion {
    /** The name of the function; the line editor does not offer names that begin like this. */
    static final String FUNCTION = "__candidates";

    private final Exporter exporter;
    private final Snapshots snapshots;

    /** Creates the function on the gateway's exporter. */
    @Activate
    public Completion(@Reference Exporter exporter, @Reference Snapshots snapshots) {
        this.exporter = exporter;
        this.snapshots = snapshots;
    }

    /** Returns the words that may stand at a place of a line, of which the first word is the command. */
    @Descriptor("what may stand at the cursor, for the line editor")
    public List<String> __candidates(List<?> line, int place) {
        List<String> words = line.stream().map(Object::toString).toList();
        if (place < 1 || place > words.size()) {
            return List.of();
        }
        String command = words.getFirst().replaceFirst("^dmabuf:", "");
        String begun = place < words.size() ? words.get(place) : "";
        try {
            return Usages.find(command)
                    .map(usage -> candidates(usage, words.subList(1, place), begun))
                    .orElse(List.of());
        } catch (DmaBufException e) {
            return List.of();
        }
    }

    private List<String> candidates(Usage usage, List<String> before, String begun) {
        Optional<Usage.Option> open = before.isEmpty()
                ? Optional.empty()
                : usage.option(before.getLast()).filter(Usage.Option::takesValue);
        if (open.isPresent()) {
            return of(open.get().kind(), before, begun);
        }
        List<String> plain = plain(usage, before);
        return usage.wordAt(plain.size()).map(word -> of(word.kind(), plain, begun)).orElse(List.of());
    }

    private static List<String> plain(Usage usage, List<String> before) {
        List<String> plain = new ArrayList<>();
        for (int i = 0; i < before.size(); i++) {
            Optional<Usage.Option> option = usage.option(before.get(i));
            if (option.isEmpty()) {
                plain.add(before.get(i));
            } else if (option.get().takesValue()) {
                i++;
            }
        }
        return plain;
    }

    private List<String> of(Kind kind, List<String> before, String begun) {
        return switch (kind) {
            case FREE, FILE -> List.of();
            case BUFFER -> buffers();
            case DEVICE -> devices();
            case MEMBER -> members(before.isEmpty() ? "" : before.getFirst());
            case SUBJECT -> Stream.of(buffers(), allocators(), devices()).flatMap(List::stream).toList();
            case OWNER -> exporter.owners().stream().map(OwnerInfo::name).distinct().toList();
            case SNAPSHOT -> snapshots.names();
            case COMMAND -> Usages.all().stream().map(Usage::name).toList();
            case DIRECTION -> List.of("to", "from", "both");
            case LATE -> List.of("move", "refuse");
            case DEVICES -> appended(begun, devices());
            case FLAGS -> appended(begun, List.of(BufferFlags.CACHED, BufferFlags.WRITE_COMBINE, BufferFlags.NO_CPU));
        };
    }

    /** Returns names behind those that a list separated by commas has already. */
    private static List<String> appended(String begun, List<String> names) {
        String done = begun.substring(0, begun.lastIndexOf(',') + 1);
        List<String> there = Arrays.asList(done.split(",", -1));
        return names.stream().filter(name -> !there.contains(name)).map(name -> done + name).toList();
    }

    private List<String> buffers() {
        return exporter.buffers().stream().map(BufferInfo::name).distinct().toList();
    }

    private List<String> allocators() {
        return exporter.allocators().stream().map(AllocatorInfo::id).distinct().toList();
    }

    private List<String> devices() {
        return shortened(exporter.devices().stream().map(DeviceInfo::name).toList());
    }

    private List<String> members(String buffer) {
        return shortened(exporter.buffers().stream()
                .filter(info -> info.name().equals(buffer) || buffer.equals("#" + info.id()))
                .flatMap(info -> info.attachments().stream().map(AttachmentInfo::device))
                .toList());
    }

    /** Returns the last part of each path, or all of it where two have the same. */
    private List<String> shortened(List<String> paths) {
        List<String> all = exporter.devices().stream().map(DeviceInfo::name).map(Completion::last).toList();
        return paths.stream()
                .map(path -> all.stream().filter(last(path)::equals).count() > 1 ? path : last(path))
                .toList();
    }

    private static String last(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
