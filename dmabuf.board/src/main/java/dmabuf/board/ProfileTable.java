// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * The profiles by key: those that the bundle ships (profiles.txt, where the format is explained), and those that
 * configuration adds or puts in their place. Of those that are shipped a machine has a few: a row is understood when it
 * is asked for. Immutable but for what it has understood.
 */
final class ProfileTable {
    private static final String RESOURCE = "profiles.txt";

    private final Map<String, Profile> byKey;
    private final Map<String, String> shippedRows;
    private final Map<String, List<Profile>> understood = new ConcurrentHashMap<>();

    private ProfileTable(Map<String, Profile> byKey, Map<String, String> shippedRows) {
        this.byKey = Map.copyOf(byKey);
        this.shippedRows = shippedRows;
    }

    /** Returns the shipped table. */
    static ProfileTable shipped() {
        Map<String, String> rows = new HashMap<>();
        for (String row : resource()) {
            if (isRow(row)) {
                for (String key : row.substring(0, row.indexOf('|')).strip().split(" ", -1)) {
                    rows.put(key, row);
                }
            }
        }
        return new ProfileTable(Map.of(), Collections.unmodifiableMap(rows));
    }

    private static boolean isRow(String line) {
        return !line.isBlank() && !line.startsWith("#");
    }

    /**
     * Returns this table with further rows; of two for one key the later holds.
     *
     * @throws dmabuf.api.DmaBufException INVALID when a row is wrong; nothing is added then
     */
    ProfileTable with(Collection<String> rows) {
        if (rows.isEmpty()) {
            return this;
        }
        Map<String, Profile> merged = new HashMap<>(byKey);
        rows.stream()
                .map(String::strip)
                .filter(ProfileTable::isRow)
                .flatMap(row -> Profile.parse(row).stream())
                .forEach(profile -> merged.put(profile.key(), profile));
        return new ProfileTable(merged, shippedRows);
    }

    /** Returns the profile of a node: that of its first {@code compatible} string which has one. */
    Optional<Profile> of(TreeNode node) {
        return of(node.compatible().stream()
                .flatMap(compatible -> Stream.of(node.baseName() + ":" + compatible, compatible))
                .toList());
    }

    /** Returns the profile of the first key that has one. */
    Optional<Profile> of(List<String> keys) {
        return keys.stream().flatMap(key -> at(key).stream()).findFirst();
    }

    private Optional<Profile> at(String key) {
        return Optional.ofNullable(byKey.get(key)).or(() -> Optional.ofNullable(shippedRows.get(key))
                .flatMap(row -> understood.computeIfAbsent(row, Profile::parse).stream()
                        .filter(profile -> profile.key().equals(key))
                        .findFirst()));
    }

    /** Returns all profiles, in no order. */
    Collection<Profile> profiles() {
        return Stream.of(byKey, shippedRows)
                .flatMap(rows -> rows.keySet().stream())
                .distinct()
                .flatMap(key -> at(key).stream())
                .toList();
    }

    private static List<String> resource() {
        try (InputStream in = Objects.requireNonNull(ProfileTable.class.getResourceAsStream(RESOURCE), RESOURCE);
                BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            return lines.readAllLines();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
