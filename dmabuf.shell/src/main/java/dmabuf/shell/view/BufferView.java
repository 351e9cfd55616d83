// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.view;

import dmabuf.api.AttachmentInfo;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferState;
import dmabuf.api.Quantity;
import dmabuf.api.SgTable;
import dmabuf.shell.text.TextTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Buffers, in the form of the kernel's debugfs dma_buf/bufinfo. */
public final class BufferView {
    private BufferView() {}

    /** Returns all buffers with the devices attached to each, and the totals. */
    public static String text(List<BufferInfo> buffers) {
        StringBuilder text = new StringBuilder("Dma-buf Objects:\n");
        text.append(String.format(
                "%-10s %-14s %-4s %-5s %-9s %-12s %-16s %s%n",
                "size", "flags", "mode", "count", "state", "exp_name", "name", "constraints"));
        long bytes = 0;
        for (BufferInfo buffer : buffers) {
            text.append(row(buffer));
            bytes += buffer.byteSize();
        }
        return text.append("\nTotal ").append(buffers.size()).append(" objects, ").append(bytes).append(" bytes\n")
                .toString();
    }

    private static String row(BufferInfo from) {
        StringBuilder text = new StringBuilder(String.format(
                "%-10s %-14s %-4s %-5d %-9s %-12s %-16s %s%n",
                Quantity.format(from.byteSize()), flags(from), from.readOnly() ? "r" : "rw", from.references(),
                state(from), from.allocator().orElse("-"), from.name() + "#" + from.id(),
                ConstraintsView.text(from.constraints())));
        text.append("        Attached Devices:\n");
        from.attachments().forEach(each -> text.append("        ").append(attachment(each)).append('\n'));
        return text.append("Total ").append(from.attachments().size()).append(" devices attached\n").toString();
    }

    private static String attachment(AttachmentInfo from) {
        String maps = from.mappings() == 0 ? "" : "  mapped " + from.mappings() + "x";
        String early = from.earlyMaps() == 0 ? "" : "  early maps " + from.earlyMaps();
        return from.device() + maps + early + "  " + from.path();
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
        if (!from.laggards().isEmpty()) {
            line(text, "waits for", String.join(" ", from.laggards()));
        }
        from.allocator().ifPresent(id -> line(text, "storage", Quantity.format(from.storageSize()) + " from " + id
                + ", moved " + from.moves() + "x"));
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
        fields.put("allocator", from.allocator());
        fields.put("lastDecision", PlanView.attemptsData(from.lastDecision()));
        return fields;
    }

    /** Returns what a map came to. */
    public static String mapped(String buffer, String device, String allocator, SgTable table) {
        String way = table.isContiguous() ? "contiguous" : "scattered";
        return buffer + " comes from " + allocator + "; " + Words.shortName(device) + " sees it " + way + " in "
                + PlanView.table(table);
    }

    /** Returns what a map came to as data. */
    public static Map<String, Object> data(String allocator, SgTable table) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("allocator", allocator);
        fields.put("segments", table.segments().stream().map(ConstraintsView::data).toList());
        return fields;
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
        fields.put("attachments", from.attachments().stream().map(BufferView::data).toList());
        fields.put("laggards", from.laggards());
        fields.put("constraints", ConstraintsView.data(from.constraints()));
        fields.put("allocator", from.allocator());
        fields.put("segments", from.segments().stream().map(ConstraintsView::data).toList());
        fields.put("moves", from.moves());
        fields.put("orphaned", from.orphaned());
        fields.put("lastDecision", PlanView.attemptsData(from.lastDecision()));
        fields.put("lastRefusal", from.lastRefusal().map(PlanView::data));
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
