// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.view;

import dmabuf.api.AddressKnowledge;
import dmabuf.api.AttachResult;
import dmabuf.api.Attachment;
import dmabuf.api.AttachmentInfo;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferState;
import dmabuf.api.LeftOut;
import dmabuf.api.Quantity;
import dmabuf.api.SgTable;
import dmabuf.api.StorageSource;
import dmabuf.shell.text.TextTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Buffers, in the form of the kernel's debugfs dma_buf/bufinfo. */
public final class BufferView {
    /** How long constraints may be in a listing; {@code info} and JSON have them whole. */
    private static final int MOST = 72;

    private BufferView() {}

    /** Returns all buffers with the devices attached to each, and the totals. */
    public static String text(List<BufferInfo> buffers) {
        TextTable table = new TextTable("size", "flags", "mode", "count", "state", "constraints", "exp_name", "name");
        buffers.forEach(buffer -> row(table, buffer));
        List<String> lines = table.toString().lines().toList();
        StringBuilder text = new StringBuilder("Dma-buf Objects:\n").append(lines.getFirst()).append('\n');
        for (int i = 0; i < buffers.size(); i++) {
            text.append(lines.get(i + 1))
                    .append('\n')
                    .append(FencesView.text(buffers.get(i).fences()))
                    .append(attachments(buffers.get(i)));
        }
        long bytes = buffers.stream().mapToLong(BufferInfo::byteSize).sum();
        return text + "\nTotal " + buffers.size() + " objects, " + bytes + " bytes\n";
    }

    private static void row(TextTable table, BufferInfo from) {
        table.row(
                Quantity.format(from.byteSize()), flags(from), from.readOnly() ? "r" : "rw",
                Integer.toString(from.references()), state(from),
                Words.shortened(ConstraintsView.text(from.constraints()), MOST), from.allocator().orElse(""),
                from.name() + "#" + from.id());
    }

    private static String attachments(BufferInfo from) {
        TextTable table = new TextTable("", "", "");
        from.attachments().forEach(each -> table.row(each.device(), state(each), each.path().toString()));
        String heading = "        Attached Devices:\n";
        String lines = table.format(8);
        return heading + lines.substring(lines.indexOf('\n') + 1)
                + "Total " + from.attachments().size() + " devices attached\n";
    }

    private static String state(AttachmentInfo from) {
        String maps = from.mappings() == 0 ? "attached" : "mapped " + from.mappings() + "x";
        return maps + (from.earlyMaps() == 0 ? "" : ", early maps " + from.earlyMaps());
    }

    private static String flags(BufferInfo from) {
        return from.flags().isEmpty() ? "CACHED" : String.join(",", from.flags().stream().sorted().toList());
    }

    private static String state(BufferInfo from) {
        return from.orphaned() ? "orphaned" : from.state().name().toLowerCase(Locale.ROOT);
    }

    /** Returns everything that is known of one buffer. */
    public static String details(BufferInfo from) {
        StringBuilder text = new StringBuilder("buffer " + from.name() + " #" + from.id() + "\n");
        line(text, "owner", from.owner());
        line(text, "size", from.byteSize() + " (" + Quantity.format(from.byteSize()) + ")");
        line(text, "state", state(from) + ", " + Words.count(from.references(), "reference"));
        line(text, "flags", flags(from) + (from.readOnly() ? ", read-only" : ""));
        line(text, "late attach", from.latePolicy().name().toLowerCase(Locale.ROOT));
        line(text, "constraints", ConstraintsView.text(from.constraints()));
        line(text, "CPU", Words.count(from.cpuAccesses(), "open access").replace("accesss", "accesses") + ", "
                + Words.count(from.userMappings(), "user mapping"));
        from.fences().forEach(fence -> line(text, "pending", FencesView.text(fence)));
        if (!from.laggards().isEmpty()) {
            line(text, "waits for", String.join(" ", from.laggards()));
        }
        from.leftOut().forEach(left -> line(text, "goes on", "without " + leftOut(left)));
        from.allocator().ifPresent(id -> line(text, "storage", Quantity.format(from.storageSize()) + " from " + id
                + ", moved " + from.moves() + "x"));
        from.source().ifPresent(source -> line(text, "memory", source.name() + ", " + known(source.addresses())));
        if (!from.segments().isEmpty()) {
            text.append("  in CPU physical space ").append(PlanView.table(new SgTable(from.segments())).indent(2).strip())
                    .append('\n');
        }
        TextTable devices = new TextTable("DEVICE", "MAPPED", "EARLY MAPS", "REACHES MEMORY");
        from.attachments().forEach(each -> devices.row(
                each.device(), Integer.toString(each.mappings()), Integer.toString(each.earlyMaps()),
                each.path().toString()));
        return text.append(devices.isEmpty() ? "  no device is attached\n" : devices.format(2)).toString();
    }

    private static String known(AddressKnowledge addresses) {
        return switch (addresses) {
            case MODEL -> "addresses of the board model";
            case PAGEMAP -> "addresses verified by pagemap";
            case PROMISED -> "addresses unknown, but promised in one piece";
            case UNKNOWN -> "addresses known to the kernel alone";
        };
    }

    private static void line(StringBuilder text, String key, String value) {
        text.append(String.format("  %-16s%s%n", key, value));
    }

    /** Returns why storage came from where it did, and what the buffer last refused. */
    public static String why(BufferInfo from) {
        StringBuilder text = new StringBuilder();
        from.lastRefusal().ifPresentOrElse(
                refusal -> text.append("last refusal of ").append(from.name()).append(":\n")
                        .append(PlanView.text(refusal).indent(2)),
                () -> text.append(from.name()).append(" has refused nothing\n"));
        from.leftOut().forEach(left -> text.append("it goes on without ").append(leftOut(left)).append('\n'));
        if (!from.lastDecision().isEmpty()) {
            text.append("last choice of storage: ").append(from.allocator().orElse("none")).append('\n')
                    .append(PlanView.attempts(from.lastDecision()));
        }
        return text.toString();
    }

    /** Returns the same as data. */
    public static Map<String, Object> whyData(BufferInfo from) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("buffer", from.name());
        fields.put("lastRefusal", from.lastRefusal().map(PlanView::data));
        fields.put("leftOut", from.leftOut().stream().map(BufferView::data).toList());
        fields.put("allocator", from.allocator());
        fields.put("lastDecision", PlanView.attemptsData(from.lastDecision()));
        return fields;
    }

    /** Returns who is a member now, and who was left out. */
    public static String attached(BufferInfo after, AttachResult result) {
        String added = result.attachments().stream().map(Attachment::device).collect(Collectors.joining(" "));
        return after.name() + " is shared with " + added + "; together they need: " + after.constraints()
                + result.leftOut().stream().map(left -> "\nwithout " + leftOut(left)).collect(Collectors.joining());
    }

    private static String leftOut(LeftOut left) {
        return left.device() + ": " + left.explanation().reason() + " " + left.explanation().text();
    }

    /** Returns what a map came to. */
    public static String mapped(String buffer, String device, String allocator, Optional<SgTable> table) {
        String who = buffer + " comes from " + allocator + "; " + Words.shortName(device);
        return table.map(known -> who + " sees it " + (known.isContiguous() ? "contiguous" : "scattered") + " in "
                        + PlanView.table(known))
                .orElse(who + " gets its addresses from the kernel, by importing the dma-buf\n");
    }

    /** Returns what a map came to as data. */
    public static Map<String, Object> data(String buffer, String device, String allocator, Optional<SgTable> table) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", buffer);
        fields.put("device", device);
        fields.put("allocator", allocator);
        table.ifPresent(known -> {
            fields.put("contiguousAddress", known.contiguousAddress());
            fields.put("segments", known.segments().stream().map(ConstraintsView::data).toList());
        });
        return fields;
    }

    /** Returns what became of a buffer's storage when it was asked to move. */
    public static String moved(BufferInfo before, BufferInfo after) {
        if (after.moves() == before.moves()) {
            return after.name() + " has no memory yet: there is nothing to move";
        }
        String from = before.allocator().orElse("?");
        String to = after.allocator().orElse("?");
        String way = after.name() + " moved " + (from.equals(to) ? "inside " + to : "from " + from + " to " + to);
        return after.segments().isEmpty() ? way : way + ", now in " + Words.count(after.segments().size(), "run");
    }

    /** Returns what became of a buffer when a reference was dropped. */
    public static String freed(BufferInfo from) {
        return from.state() == BufferState.RELEASED
                ? from.name() + " is released"
                : from.name() + " lives on: " + Words.count(from.attachments().size(), "device") + " attached, "
                        + Words.count(from.references(), "reference");
    }

    /** Returns a buffer as data. */
    public static Map<String, Object> data(BufferInfo from) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", from.id());
        fields.put("name", from.name());
        fields.put("owner", from.owner());
        fields.put("size", from.byteSize());
        fields.put("storage", from.storageSize());
        fields.put("flags", from.flags().stream().sorted().toList());
        fields.put("readOnly", from.readOnly());
        fields.put("late", from.latePolicy().name().toLowerCase(Locale.ROOT));
        fields.put("state", from.state().name().toLowerCase(Locale.ROOT));
        fields.put("references", from.references());
        fields.put("cpuAccesses", from.cpuAccesses());
        fields.put("userMappings", from.userMappings());
        fields.put("fences", from.fences().stream().map(FencesView::data).toList());
        fields.put("attachments", from.attachments().stream().map(BufferView::data).toList());
        fields.put("laggards", from.laggards());
        fields.put("leftOut", from.leftOut().stream().map(BufferView::data).toList());
        fields.put("constraints", ConstraintsView.data(from.constraints()));
        fields.put("allocator", from.allocator());
        fields.put("segments", from.segments().stream().map(ConstraintsView::data).toList());
        fields.put("source", from.source().map(StorageSource::name));
        fields.put("addresses", from.source().map(source -> source.addresses().name().toLowerCase(Locale.ROOT)));
        fields.put("moves", from.moves());
        fields.put("orphaned", from.orphaned());
        fields.put("lastDecision", PlanView.attemptsData(from.lastDecision()));
        fields.put("lastRefusal", from.lastRefusal().map(PlanView::data));
        return fields;
    }

    private static Map<String, Object> data(LeftOut from) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("device", from.device());
        fields.put("explanation", PlanView.data(from.explanation()));
        return fields;
    }

    private static Map<String, Object> data(AttachmentInfo from) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("device", from.device());
        fields.put("mappings", from.mappings());
        fields.put("earlyMaps", from.earlyMaps());
        fields.put("path", ConstraintsView.data(from.path()));
        return fields;
    }
}
