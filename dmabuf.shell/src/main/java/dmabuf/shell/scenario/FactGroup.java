// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Which facts a statement can state. */
enum FactGroup {
    /** After any statement. */
    ANY(false, false, false, false),
    /** After statements on a buffer. */
    BUFFER(true, true, false, false),
    /** After map. */
    MAP(true, true, true, false),
    /** After merge. */
    MERGE(true, false, false, false),
    /** After plan. */
    PLAN(true, false, true, false),
    /** In expect: a buffer's or an allocator's, which only the run can tell. */
    EXPECT(true, true, false, true);

    private static final Map<String, FactType> ALWAYS =
            Map.of("warns", FactType.NUMBER, "tried", FactType.SEQUENCE, "blames", FactType.SET, "fits", FactType.NAME);
    private static final Map<String, FactType> CONSTRAINTS = Map.ofEntries(
            Map.entry("range", FactType.RANGES), Map.entry("align", FactType.NUMBER),
            Map.entry("maxSegments", FactType.NUMBER), Map.entry("maxSegmentSize", FactType.NUMBER),
            Map.entry("boundary", FactType.NUMBER), Map.entry("granule", FactType.NUMBER),
            Map.entry("divisor", FactType.NUMBER), Map.entry("minSize", FactType.NUMBER),
            Map.entry("maxSize", FactType.NUMBER), Map.entry("access", FactType.NUMBER),
            Map.entry("pools", FactType.SET), Map.entry("coherent", FactType.FLAG),
            Map.entry("secure", FactType.FLAG), Map.entry("exclusive", FactType.FLAG));
    private static final Map<String, FactType> OF_BUFFER = Map.of(
            "state", FactType.STATE, "attached", FactType.SET, "mapped", FactType.SET, "size", FactType.NUMBER,
            "storage", FactType.NUMBER, "allocator", FactType.NAME, "moves", FactType.NUMBER, "orphaned",
            FactType.FLAG);
    private static final Map<String, FactType> OF_TABLE =
            Map.of("allocator", FactType.NAME, "segments", FactType.NUMBER, "contiguous", FactType.FLAG);
    private static final Map<String, FactType> OF_ALLOCATOR = Map.of(
            "live", FactType.NUMBER, "used", FactType.NUMBER, "free", FactType.NUMBER, "largestFree",
            FactType.NUMBER, "failed", FactType.NUMBER, "failedByFragmentation", FactType.NUMBER);
    private static final Pattern SEGMENT = Pattern.compile("segment[0-9]{1,9}");

    private final boolean constraints;
    private final boolean buffer;
    private final boolean table;
    private final boolean allocator;

    FactGroup(boolean constraints, boolean buffer, boolean table, boolean allocator) {
        this.constraints = constraints;
        this.buffer = buffer;
        this.table = table;
        this.allocator = allocator;
    }

    /** Returns the type of a fact that this group has. */
    Optional<FactType> type(String fact) {
        if (table && SEGMENT.matcher(fact).matches()) {
            return Optional.of(FactType.SEGMENT);
        }
        return Optional.ofNullable(ALWAYS.get(fact))
                .or(() -> find(constraints, CONSTRAINTS, fact))
                .or(() -> find(buffer, OF_BUFFER, fact))
                .or(() -> find(table, OF_TABLE, fact))
                .or(() -> find(allocator, OF_ALLOCATOR, fact));
    }

    private static Optional<FactType> find(boolean has, Map<String, FactType> types, String fact) {
        return has ? Optional.ofNullable(types.get(fact)) : Optional.empty();
    }

    /** Returns the names of this group's facts. */
    Set<String> names() {
        Set<String> names = new TreeSet<>(ALWAYS.keySet());
        names.addAll(constraints ? CONSTRAINTS.keySet() : Set.of());
        names.addAll(buffer ? OF_BUFFER.keySet() : Set.of());
        names.addAll(table ? OF_TABLE.keySet() : Set.of());
        names.addAll(table ? Set.of("segment0") : Set.of());
        names.addAll(allocator ? OF_ALLOCATOR.keySet() : Set.of());
        return names;
    }
}
