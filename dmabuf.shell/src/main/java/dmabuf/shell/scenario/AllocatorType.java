// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The words that each known type of allocator takes in a file; a type that a bundle brings takes any. */
record AllocatorType(Set<String> keys, Set<String> flags) {
    static final String SCRIPTED = "scripted";

    /** What an allocator of every type takes. */
    static final Set<String> COMMON = Set.of("type", "priority", "pool", "bit");

    private static final Map<String, AllocatorType> KNOWN = Map.of(
            "contig", new AllocatorType(Set.of("base", "size"), Set.of()),
            "system", new AllocatorType(Set.of("ram", "frames"), Set.of()),
            "iommu", new AllocatorType(Set.of("domains", "granule", "aperture", "ram"), Set.of()),
            SCRIPTED,
                    new AllocatorType(
                            Set.of("accepts", "rejects", "fails", "hangs", "segments", "base", "size"),
                            Set.of("throws", "secure", "coherent")));

    /** Throws for the first word that an allocator of this type does not take. */
    static void check(int line, Options options) {
        String type = options.text("type")
                .orElseThrow(() -> new ScenarioError(line, "allocator has no type: add type=contig, system, iommu,"
                        + " scripted or one that a bundle brings"));
        AllocatorType known = KNOWN.get(type);
        if (known != null) {
            known.check(line, type, options);
        }
    }

    private void check(int line, String type, Options options) {
        Set<String> all = new TreeSet<>(keys);
        all.addAll(COMMON);
        for (String key : options.values().keySet()) {
            if (!all.contains(key)) {
                throw ScenarioError.unknown(line, "key of type=" + type, key, all);
            }
        }
        for (String flag : options.flags()) {
            if (!flags.contains(flag)) {
                throw ScenarioError.unknown(line, "flag of type=" + type, flag, flags);
            }
        }
    }

    /** Returns the names of the known types. */
    static Set<String> names() {
        return KNOWN.keySet();
    }
}
