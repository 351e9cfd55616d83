// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.snapshot;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.BufferInfo;
import dmabuf.api.HoldingInfo;
import dmabuf.api.OwnerInfo;
import dmabuf.api.Quantity;
import dmabuf.shell.snapshot.Change.Sign;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What came, went and changed between two snapshots. Buffers are the same by their number, owners by their name, allocators
 * by their id; holdings have no name, and are the same when all that is known of them is.
 */
public final class Difference {
    private static final String NONE = "none";

    private final Snapshot before;
    private final Snapshot after;
    private final List<Change> changes = new ArrayList<>();

    private Difference(Snapshot before, Snapshot after) {
        this.before = before;
        this.after = after;
    }

    /** Returns the changes: of buffers, of what is open, of owners, of allocators. */
    public static List<Change> between(Snapshot before, Snapshot after) {
        Difference difference = new Difference(before, after);
        difference.compare("buffer", Difference::buffers);
        difference.holdings();
        difference.compare("owner", Difference::owners);
        difference.compare("allocator", Difference::allocators);
        return List.copyOf(difference.changes);
    }

    /** Compares what both say of the same names, as fields in words. */
    private void compare(String subject, Function<Snapshot, Map<String, Map<String, String>>> words) {
        Map<String, Map<String, String>> old = words.apply(before);
        Map<String, Map<String, String>> now = words.apply(after);
        Set<String> all = new TreeSet<>(old.keySet());
        all.addAll(now.keySet());
        for (String name : all) {
            Map<String, String> was = old.getOrDefault(name, Map.of());
            Map<String, String> is = now.getOrDefault(name, Map.of());
            if (was.isEmpty() || is.isEmpty()) {
                Sign sign = was.isEmpty() ? Sign.CAME : Sign.WENT;
                changes.add(new Change(sign, subject, name, text(was.isEmpty() ? is : was)));
            } else if (!was.equals(is)) {
                changes.add(new Change(Sign.CHANGED, subject, name, steps(was, is)));
            }
        }
    }

    private static String text(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> field.getKey() + " " + field.getValue())
                .collect(Collectors.joining(", "));
    }

    private static String steps(Map<String, String> was, Map<String, String> is) {
        Set<String> all = new LinkedHashSet<>(was.keySet());
        all.addAll(is.keySet());
        return all.stream()
                .filter(field -> !Objects.equals(was.get(field), is.get(field)))
                .map(field -> field + " " + was.getOrDefault(field, NONE) + " -> " + is.getOrDefault(field, NONE))
                .collect(Collectors.joining(", "));
    }

    private static Map<String, Map<String, String>> buffers(Snapshot from) {
        Map<String, Map<String, String>> words = new LinkedHashMap<>();
        for (BufferInfo each : from.buffers()) {
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put("owner", each.owner());
            fields.put("size", Quantity.format(each.byteSize()));
            fields.put("state", each.orphaned() ? "orphaned" : each.state().name().toLowerCase(Locale.ROOT));
            fields.put("storage", Quantity.format(each.storageSize()));
            fields.put("allocator", each.allocator().orElse(NONE));
            words.put(each.name() + "#" + each.id(), fields);
        }
        return words;
    }

    /** Several bundles may have one name; their figures are summed. */
    private static Map<String, Map<String, String>> owners(Snapshot from) {
        Map<String, Map<String, String>> words = new LinkedHashMap<>();
        Map<String, List<OwnerInfo>> byName = from.owners().stream().collect(Collectors.groupingBy(OwnerInfo::name));
        byName.forEach((name, same) -> {
            Map<String, String> fields = new LinkedHashMap<>();
            fields.put("buffers", Long.toString(same.stream().mapToLong(OwnerInfo::buffers).sum()));
            fields.put("memory", Quantity.format(same.stream().mapToLong(OwnerInfo::byteSize).sum()));
            fields.put("descriptors", Long.toString(same.stream().mapToLong(OwnerInfo::descriptors).sum()));
            words.put(name, fields);
        });
        return words;
    }

    private static Map<String, Map<String, String>> allocators(Snapshot from) {
        Map<String, Map<String, String>> words = new LinkedHashMap<>();
        from.allocators().stream().filter(each -> !each.standby()).forEach(each -> words.put(each.id(), figures(each)));
        return words;
    }

    private static Map<String, String> figures(AllocatorInfo from) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("bundle", from.bundle());
        from.statistics().ifPresent(figures -> {
            fields.put("live", Long.toString(figures.live()));
            fields.put("used", Quantity.format(figures.used()));
            fields.put("failed", Long.toString(figures.failed()));
        });
        return fields;
    }

    private void holdings() {
        List<HoldingInfo> went = new ArrayList<>(before.holdings());
        List<HoldingInfo> came = new ArrayList<>();
        after.holdings().stream().filter(each -> !went.remove(each)).forEach(came::add);
        went.forEach(each -> changes.add(change(Sign.WENT, each)));
        came.forEach(each -> changes.add(change(Sign.CAME, each)));
    }

    private static Change change(Sign sign, HoldingInfo from) {
        String device = from.device().map(name -> ", device " + name).orElse("");
        String since = from.since().map(time -> ", since " + time).orElse("");
        String site = from.site().isEmpty() ? "" : ", at " + from.site().getFirst();
        return new Change(
                sign, from.kind().words(), from.bufferName() + "#" + from.buffer(),
                "owner " + from.owner() + device + since + site);
    }
}
