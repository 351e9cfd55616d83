// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.view;

import dmabuf.api.HoldingKind;
import dmabuf.api.OwnerInfo;
import dmabuf.api.Quantity;
import dmabuf.api.QuotaInfo;
import dmabuf.shell.text.TextTable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** Owners, what they hold, and the quotas that limit them. */
public final class OwnerView {
    private OwnerView() {}

    /** Returns one line for each owner, and below them one for each quota. */
    public static String text(List<OwnerInfo> owners, List<QuotaInfo> quotas) {
        if (owners.isEmpty() && quotas.isEmpty()) {
            return "nobody holds anything, and there is no quota (configurations of dmabuf.quota)\n";
        }
        TextTable table = new TextTable(
                "OWNER", "BUFFERS", "HANDLES", "ATTACHED", "MAPPED", "CPU", "USER", "FILES", "FENCES", "MEMORY",
                "DESCRIPTORS", "POOLS");
        owners.forEach(each -> table.row(
                each.name() + (each.stopped() ? " (stopped)" : ""), Integer.toString(each.buffers()),
                held(each, HoldingKind.REFERENCE), held(each, HoldingKind.ATTACHMENT), held(each, HoldingKind.MAPPING),
                held(each, HoldingKind.CPU_ACCESS), held(each, HoldingKind.USER_MAPPING), files(each),
                held(each, HoldingKind.FENCE), Quantity.format(each.byteSize()), Long.toString(each.descriptors()),
                pools(each)));
        return table + (quotas.isEmpty() ? "" : "\n" + quotas(quotas));
    }

    private static String files(OwnerInfo from) {
        return Integer.toString(from.held(HoldingKind.FILE) + from.held(HoldingKind.SYNC_FILE));
    }

    private static String held(OwnerInfo from, HoldingKind kind) {
        return Integer.toString(from.held(kind));
    }

    private static String pools(OwnerInfo from) {
        return from.pools().stream()
                .map(pool -> pool.allocator() + "=" + Quantity.format(pool.byteSize()) + kept(pool))
                .collect(Collectors.joining(","));
    }

    private static String kept(OwnerInfo.Pool pool) {
        return pool.keptByteSize() == 0 ? "" : " (kept " + Quantity.format(pool.keptByteSize()) + ")";
    }

    private static String quotas(List<QuotaInfo> quotas) {
        TextTable table = new TextTable("QUOTA", "OWNER", "BELOW", "MEMORY", "DESCRIPTORS");
        quotas.forEach(each -> table.row(
                each.name(), each.owner().orElse(""), each.parent().orElse(""), use(each.byteSize(), each.byteLimit()),
                use(each.descriptors(), each.descriptorLimit())));
        return table.toString();
    }

    private static String use(long used, OptionalLong limit) {
        return Quantity.format(used) + (limit.isPresent() ? " of " + Quantity.format(limit.getAsLong()) : "");
    }

    /** Returns an owner as data. */
    public static Map<String, Object> data(OwnerInfo from) {
        Map<String, Object> held = new LinkedHashMap<>();
        for (HoldingKind kind : HoldingKind.values()) {
            held.put(kind.words().replace(" ", ""), from.held(kind));
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", from.name());
        fields.put("stopped", from.stopped());
        fields.put("buffers", from.buffers());
        fields.put("held", held);
        fields.put("memory", from.byteSize());
        fields.put("descriptors", from.descriptors());
        fields.put("pools", from.pools().stream().map(OwnerView::data).toList());
        fields.put("quotas", from.quotas().stream().map(OwnerView::data).toList());
        return fields;
    }

    private static Map<String, Object> data(OwnerInfo.Pool from) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("allocator", from.allocator());
        fields.put("memory", from.byteSize());
        fields.put("descriptors", from.descriptors());
        fields.put("kept", from.keptByteSize());
        return fields;
    }

    /** Returns a quota as data. */
    public static Map<String, Object> data(QuotaInfo from) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", from.name());
        fields.put("parent", from.parent());
        fields.put("owner", from.owner());
        fields.put("memory", from.byteSize());
        fields.put("memoryLimit", from.byteLimit());
        fields.put("descriptors", from.descriptors());
        fields.put("descriptorLimit", from.descriptorLimit());
        return fields;
    }
}
