// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.view;

import dmabuf.api.BufferInfo;
import dmabuf.api.HoldingInfo;
import dmabuf.api.Quantity;
import dmabuf.shell.snapshot.Change;
import dmabuf.shell.text.TextTable;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What is open for long, storage that cannot go, and what has changed since. */
public final class LeakView {
    private LeakView() {}

    /**
     * Storage that nobody here can give back.
     *
     * @param name the buffer, or where the memory comes from
     * @param what what is the matter with it
     * @param amount how much it is, in words
     */
    public record Stuck(String name, String what, String amount) {
        /** Returns a buffer whose allocator left, and whose storage nobody can take. */
        public static Stuck orphan(BufferInfo from) {
            return new Stuck(
                    from.name() + "#" + from.id(), "orphaned: its allocator left, and nobody can take it",
                    Quantity.format(from.storageSize()));
        }
    }

    /** Returns one line for each holding, the oldest first, with the frames where it was opened, and the rest below. */
    public static String text(List<HoldingInfo> held, List<Stuck> stuck, Instant now) {
        if (held.isEmpty() && stuck.isEmpty()) {
            return "nothing\n";
        }
        TextTable table = new TextTable("HELD", "BUFFER", "OWNER", "DEVICE", "FOR", "OPENED AT");
        held.forEach(each -> rows(table, each, now));
        TextTable more = new TextTable("STORAGE", "SIZE", "WHY IT IS STILL THERE");
        stuck.forEach(each -> more.row(each.name(), each.amount(), each.what()));
        return (held.isEmpty() ? "" : table.toString()) + (held.isEmpty() || stuck.isEmpty() ? "" : "\n")
                + (stuck.isEmpty() ? "" : more.toString());
    }

    private static void rows(TextTable table, HoldingInfo from, Instant now) {
        List<String> frames = from.site().stream().map(StackTraceElement::toString).toList();
        table.row(
                from.kind().words(), from.bufferName() + "#" + from.buffer(), from.owner(),
                Words.shortName(from.device().orElse("")),
                from.since().map(since -> age(Duration.between(since, now))).orElse("?"),
                frames.isEmpty() ? "" : frames.getFirst());
    }

    private static String age(Duration open) {
        return open.toDays() > 0
                ? open.toDays() + " d " + open.toHoursPart() + " h"
                : open.toHours() > 0
                        ? open.toHours() + " h " + open.toMinutesPart() + " min"
                        : open.toMinutes() > 0
                                ? open.toMinutes() + " min " + open.toSecondsPart() + " s"
                                : Math.max(0, open.toSeconds()) + " s";
    }

    /** Returns the same as data. */
    public static List<Map<String, Object>> data(List<HoldingInfo> held, List<Stuck> stuck) {
        List<Map<String, Object>> rows = new ArrayList<>();
        held.forEach(each -> rows.add(data(each)));
        stuck.forEach(each -> {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("kind", "storage");
            fields.put("name", each.name());
            fields.put("size", each.amount());
            fields.put("why", each.what());
            rows.add(fields);
        });
        return rows;
    }

    private static Map<String, Object> data(HoldingInfo from) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("kind", from.kind().words());
        fields.put("name", from.bufferName());
        fields.put("id", from.buffer());
        fields.put("owner", from.owner());
        fields.put("device", from.device());
        fields.put("since", from.since().map(Instant::toString));
        fields.put("site", from.site().stream().map(StackTraceElement::toString).toList());
        return fields;
    }

    /** Returns a line for each change. */
    public static String changes(List<Change> changes) {
        return changes.isEmpty()
                ? "nothing has changed\n"
                : changes.stream()
                        .map(each -> each.sign().mark() + " " + each.subject() + " " + each.name() + ": " + each.text() + "\n")
                        .collect(Collectors.joining());
    }

    /** Returns a change as data. */
    public static Map<String, Object> data(Change from) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("change", from.sign().name().toLowerCase(Locale.ROOT));
        fields.put("subject", from.subject());
        fields.put("name", from.name());
        fields.put("text", from.text());
        return fields;
    }
}
