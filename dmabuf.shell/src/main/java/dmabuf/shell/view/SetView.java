// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.view;

import dmabuf.api.Quantity;
import dmabuf.api.SetDevice;
import dmabuf.api.SetInfo;
import dmabuf.shell.text.TextTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Buffer sets, a line each. */
public final class SetView {
    private SetView() {}

    /** Returns the sets with their counts, and the devices of each. */
    public static String text(List<SetInfo> sets) {
        TextTable table = new TextTable(
                "SET", "OWNER", "BUFFERS", "SIZE", "GENERATION", "FREE", "ACQUIRED", "DRAINING", "ALLOCATOR", "DEVICES");
        sets.forEach(from -> table.row(
                from.name() + "#" + from.id(), from.owner(), Integer.toString(from.count()),
                Quantity.format(from.byteSize()), Long.toString(from.generation()), Integer.toString(from.free()),
                Integer.toString(from.acquired()), Integer.toString(from.draining()), allocator(from), devices(from)));
        return sets.isEmpty() ? "no set is there\n" : table.toString();
    }

    private static String allocator(SetInfo from) {
        return from.allocator().orElse("none yet") + (from.orphaned() ? ", orphaned" : "");
    }

    private static String devices(SetInfo from) {
        return from.devices().stream()
                .map(each -> Words.shortName(each.device()) + " " + direction(each))
                .collect(Collectors.joining(", "));
    }

    private static String direction(SetDevice from) {
        return switch (from.direction()) {
            case TO_DEVICE -> "to";
            case FROM_DEVICE -> "from";
            case BIDIRECTIONAL -> "both";
        };
    }

    /** Returns a set as data. */
    public static Map<String, Object> data(SetInfo from) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", from.id());
        fields.put("name", from.name());
        fields.put("owner", from.owner());
        fields.put("count", from.count());
        fields.put("size", from.byteSize());
        fields.put("generation", from.generation());
        fields.put("free", from.free());
        fields.put("acquired", from.acquired());
        fields.put("draining", from.draining());
        fields.put("orphaned", from.orphaned());
        fields.put("allocator", from.allocator());
        fields.put("devices", from.devices().stream().map(SetView::data).toList());
        fields.put("constraints", ConstraintsView.data(from.constraints()));
        fields.put("buffers", from.buffers());
        fields.put("lastRefusal", from.lastRefusal().map(PlanView::data));
        return fields;
    }

    private static Map<String, Object> data(SetDevice from) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("device", from.device());
        fields.put("direction", from.direction().name().toLowerCase(Locale.ROOT));
        return fields;
    }
}
