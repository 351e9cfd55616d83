// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.view;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.Quantity;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.shell.text.TextTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Allocators in the order of selection. */
public final class AllocatorView {
    private static final String SOURCE = "source";
    private static final String LENT = "lent ";
    private static final String KEPT = "kept";

    private AllocatorView() {}

    /** Returns one line for each allocator, and below them where each takes memory from, as far as it says. */
    public static String text(List<AllocatorInfo> allocators) {
        if (allocators.isEmpty()) {
            return "no allocator: start the bundles allocator.contig, allocator.system and allocator.iommu\n";
        }
        TextTable table = new TextTable(
                "ALLOCATOR", "TYPE", "PRIORITY", "POOL", "BIT", "LIVE", "USED", "FREE", "LARGEST", "FAILED", "BUNDLE");
        for (AllocatorInfo each : allocators) {
            AllocatorStatistics figures = each.statistics().orElse(new AllocatorStatistics(0, 0, 0, 0, 0, 0, 0));
            boolean known = each.statistics().isPresent();
            table.row(
                    each.id() + (each.standby() ? " (standby)" : ""), each.type(), Integer.toString(each.priority()),
                    each.pool().orElse(""), each.bit().isPresent() ? Integer.toString(each.bit().getAsInt()) : "",
                    known ? Long.toString(figures.live()) : "?", known ? Quantity.format(figures.used()) : "?",
                    known ? Quantity.format(figures.free()) : "?", known ? Quantity.format(figures.largestFree()) : "?",
                    known ? Long.toString(figures.failed()) : "?", each.bundle());
        }
        return table + sources(allocators);
    }

    /** What allocators say under the keys that begin with source or lent, and what the core keeps of theirs. */
    private static String sources(List<AllocatorInfo> allocators) {
        TextTable table = new TextTable("ALLOCATOR", "MEMORY", "FROM OR WHY");
        for (AllocatorInfo each : allocators) {
            each.description().forEach((key, value) -> {
                if (key.equals(SOURCE) || key.equals(KEPT) || key.startsWith(LENT)) {
                    table.row(each.id(), key.equals(SOURCE) ? "takes" : key, value);
                } else if (key.startsWith(SOURCE + " ")) {
                    table.row(each.id(), key.substring(SOURCE.length() + 1), value);
                }
            });
        }
        return table.isEmpty() ? "" : "\n" + table;
    }

    /** Returns everything that is known of one allocator. */
    public static String details(AllocatorInfo from) {
        StringBuilder text = new StringBuilder("allocator " + from.id() + (from.standby() ? " (standby)" : "") + "\n");
        line(text, "name", from.name());
        line(text, "type", from.type());
        line(text, "priority", Integer.toString(from.priority()));
        line(text, "bundle", from.bundle());
        from.pool().ifPresent(pool -> line(text, "pool", pool));
        from.bit().ifPresent(bit -> line(text, "bit", Integer.toString(bit)));
        from.statistics().ifPresentOrElse(
                figures -> figures(text, figures), () -> line(text, "statistics", "does not answer"));
        from.description().forEach((key, value) -> line(text, key, value));
        return text.toString();
    }

    private static void figures(StringBuilder text, AllocatorStatistics from) {
        line(text, "live", Long.toString(from.live()));
        line(text, "used", Quantity.format(from.used()) + ", at most " + Quantity.format(from.highWater()));
        line(text, "free", Quantity.format(from.free()) + ", largest piece " + Quantity.format(from.largestFree()));
        line(text, "failed", from.failed() + ", of them by fragmentation " + from.failedByFragmentation());
    }

    private static void line(StringBuilder text, String key, String value) {
        text.append(String.format("  %-15s %s%n", key, value));
    }

    /** Returns an allocator as data. */
    public static Map<String, Object> data(AllocatorInfo from) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", from.id());
        fields.put("priority", from.priority());
        fields.put("type", from.type());
        fields.put("name", from.name());
        fields.put("bundle", from.bundle());
        fields.put("pool", from.pool());
        fields.put("bit", from.bit());
        fields.put("standby", from.standby());
        fields.put("statistics", from.statistics().map(AllocatorView::data));
        fields.put("description", from.description());
        return fields;
    }

    private static Map<String, Object> data(AllocatorStatistics from) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("live", from.live());
        fields.put("used", from.used());
        fields.put("free", from.free());
        fields.put("largestFree", from.largestFree());
        fields.put("highWater", from.highWater());
        fields.put("failed", from.failed());
        fields.put("failedByFragmentation", from.failedByFragmentation());
        return fields;
    }
}
