// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.view;

import dmabuf.api.Attempt;
import dmabuf.api.Blame;
import dmabuf.api.Explanation;
import dmabuf.api.Plan;
import dmabuf.api.Quantity;
import dmabuf.api.SgTable;
import dmabuf.shell.text.TextTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Decisions and refusals, with their reasons. */
public final class PlanView {
    private static final int MOST_SEGMENTS = 8;

    private PlanView() {}

    /** Returns a dry run in words. */
    public static String text(Plan plan) {
        StringBuilder text = new StringBuilder();
        text.append(Words.count(plan.byteSize(), "byte")).append(" for ")
                .append(Words.count(plan.devices().size(), "device")).append(":\n");
        plan.devices().forEach(device -> text.append("  ").append(device).append('\n'));
        plan.constraints().ifPresent(
                all -> text.append("together they need: ").append(ConstraintsView.text(all)).append('\n'));
        if (plan.refusal().isPresent()) {
            return text.append(text(plan.refusal().get())).toString();
        }
        text.append("served by: ").append(plan.allocator().orElse("nobody")).append('\n');
        text.append(attempts(plan.attempts()));
        for (String device : plan.devices()) {
            SgTable table = plan.tables().get(device);
            if (table != null) {
                text.append(Words.shortName(device)).append(" sees ").append(table(table));
            }
        }
        return text.toString();
    }

    /** Returns a refusal in words: what is in the way, what each allocator says, what would fit. */
    public static String text(Explanation refusal) {
        StringBuilder text = new StringBuilder();
        text.append("refused: ").append(refusal.reason()).append(" (").append(refusal.reason().errno()).append("): ")
                .append(refusal.text()).append('\n');
        if (!refusal.blames().isEmpty()) {
            text.append("in the way: ")
                    .append(refusal.blames().stream().map(Blame::toString).collect(Collectors.joining(", ")))
                    .append('\n');
        }
        text.append(attempts(refusal.attempts()));
        refusal.fits().ifPresent(change -> text.append("would fit: without the limit ").append(change).append('\n'));
        return text.toString();
    }

    /** Returns what each allocator answered, one line each. */
    static String attempts(List<Attempt> attempts) {
        if (attempts.isEmpty()) {
            return "";
        }
        TextTable table = new TextTable("ALLOCATOR", "ASKED", "ANSWER", "WHY");
        for (Attempt each : attempts) {
            String answer = each.failure().map(Enum::name).orElse(each.asked() ? "serves" : "not needed");
            table.row(each.allocator(), each.asked() ? "yes" : "no", answer, each.text());
        }
        return table.format(2);
    }

    /** Returns a table's segments, the first of them where there are many. */
    static String table(SgTable table) {
        StringBuilder text = new StringBuilder(Words.count(table.segments().size(), "segment"));
        text.append(":\n");
        table.segments().stream()
                .limit(MOST_SEGMENTS)
                .forEach(segment -> text.append("  ").append(segment).append("  ")
                        .append(Quantity.format(segment.byteSize())).append('\n'));
        int more = table.segments().size() - MOST_SEGMENTS;
        return text.append(more > 0 ? "  and " + more + " more\n" : "").toString();
    }

    /** Returns a dry run as data. */
    public static Map<String, Object> data(Plan plan) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("devices", plan.devices());
        fields.put("size", plan.byteSize());
        fields.put("constraints", plan.constraints().map(ConstraintsView::data));
        fields.put("allocator", plan.allocator());
        Map<String, Object> tables = new LinkedHashMap<>();
        for (String device : plan.devices()) {
            SgTable table = plan.tables().get(device);
            if (table != null) {
                tables.put(device, table.segments().stream().map(ConstraintsView::data).toList());
            }
        }
        fields.put("tables", tables);
        fields.put("attempts", attemptsData(plan.attempts()));
        fields.put("refusal", plan.refusal().map(PlanView::data));
        return fields;
    }

    /** Returns a refusal as data. */
    public static Map<String, Object> data(Explanation refusal) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("reason", refusal.reason().name());
        fields.put("errno", refusal.reason().errno());
        fields.put("text", refusal.text());
        fields.put("blames", refusal.blames().stream().map(PlanView::data).toList());
        fields.put("attempts", attemptsData(refusal.attempts()));
        fields.put("fits", refusal.fits().map(PlanView::data));
        return fields;
    }

    static List<Map<String, Object>> attemptsData(List<Attempt> attempts) {
        return attempts.stream().map(PlanView::data).toList();
    }

    private static Map<String, Object> data(Attempt attempt) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("allocator", attempt.allocator());
        fields.put("asked", attempt.asked());
        fields.put("reason", attempt.failure().map(Enum::name));
        fields.put("text", attempt.text());
        return fields;
    }

    private static Map<String, Object> data(Blame blame) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", blame.name());
        fields.put("field", blame.field().map(field -> field.label()));
        return fields;
    }
}
