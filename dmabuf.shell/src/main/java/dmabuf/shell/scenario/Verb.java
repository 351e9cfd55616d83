// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** The statements of a scenario, each with the words that it takes. */
// All collections are unmodifiable.
@SuppressWarnings("ImmutableEnumChecker")
enum Verb {
    DEVICE(
            1,
            Set.of(
                    "range", "maskBits", "offset", "parent", "align", "maxSegments", "maxSegmentSize", "boundary",
                    "granule", "divisor", "minSize", "maxSize", "access", "pools", "iommu", "aperture"),
            Set.of("coherent", "secure", "exclusive"),
            FactGroup.ANY),
    /** Its words depend on its type; see {@link AllocatorType}. */
    ALLOCATOR(1, Set.of(), Set.of(), FactGroup.ANY),
    BOARD(1, Set.of("ram"), Set.of(), FactGroup.ANY),
    BUFFER(1, Set.of("size", "align", "late", "expects", "wait", "owner"), Set.of("waits"), FactGroup.BUFFER),
    ATTACH(2, Set.of(), Set.of(), FactGroup.BUFFER),
    READY(1, Set.of(), Set.of(), FactGroup.BUFFER),
    MAP(2, Set.of(), Set.of("to", "from", "both", "movable"), FactGroup.MAP),
    UNMAP(2, Set.of(), Set.of(), FactGroup.BUFFER),
    DETACH(2, Set.of(), Set.of(), FactGroup.BUFFER),
    FILL(2, Set.of(), Set.of(), FactGroup.BUFFER),
    VERIFY(2, Set.of(), Set.of(), FactGroup.BUFFER),
    ACCESS(1, Set.of(), Set.of(), FactGroup.BUFFER),
    END(1, Set.of(), Set.of(), FactGroup.BUFFER),
    FREE(1, Set.of(), Set.of(), FactGroup.BUFFER),
    REMOVE(1, Set.of(), Set.of(), FactGroup.ANY),
    PLAN(0, Set.of("size", "devices"), Set.of(), FactGroup.PLAN),
    MERGE(1, Set.of(), Set.of(), FactGroup.MERGE),
    EXPECT(1, Set.of(), Set.of(), FactGroup.EXPECT);

    /** How many words follow by place, before the ones that say by themselves what they are. */
    final int places;

    final Set<String> keys;
    final Set<String> flags;
    final FactGroup facts;

    /** The keys without which the statement means nothing. */
    final List<String> required;

    Verb(int places, Set<String> keys, Set<String> flags, FactGroup facts) {
        this.places = places;
        this.keys = keys;
        this.flags = flags;
        this.facts = facts;
        this.required = Stream.of("size", "devices").filter(keys::contains).toList();
    }

    /** Returns the word in files. */
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Returns the statement that a word begins, or throws with the known ones. */
    static Verb of(int line, String word) {
        return Arrays.stream(values())
                .filter(verb -> verb.word().equals(word))
                .findFirst()
                .orElseThrow(() -> ScenarioError.unknown(line, "statement", word, words()));
    }

    private static List<String> words() {
        return Arrays.stream(values()).map(Verb::word).toList();
    }
}
