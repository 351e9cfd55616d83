// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Names of the bits of the access mask. The bits are opaque and mean what a platform wants; it may name them, as the
 * proposal of 2015 did: 1 SYSTEM, 2 CONTIG. A bit without a name is told by its number. Immutable.
 */
public final class AccessBits {
    /** No bit has a name. */
    public static final AccessBits NONE = new AccessBits(Map.of());

    private static final Pattern ENTRY = Pattern.compile("([0-9]|[1-5][0-9]|6[0-3])=([A-Za-z][A-Za-z0-9_-]*)");

    private final Map<Integer, String> names;

    private AccessBits(Map<Integer, String> names) {
        this.names = new TreeMap<>(names);
    }

    /**
     * Reads entries such as {@code "1=SYSTEM"}.
     *
     * @throws DmaBufException INVALID when one is no such entry, or when a bit or a name is there twice
     */
    public static AccessBits parse(Collection<String> entries) {
        Map<Integer, String> names = new TreeMap<>();
        for (String entry : entries) {
            Matcher parts = ENTRY.matcher(entry);
            if (!parts.matches()) {
                throw invalid("'" + entry + "' names no bit: write a number from 0 to 63, '=' and a name");
            }
            String name = parts.group(2);
            if (names.containsValue(name) || names.put(Integer.valueOf(parts.group(1)), name) != null) {
                throw invalid("'" + entry + "': each bit has one name, and each name is that of one bit");
            }
        }
        return new AccessBits(names);
    }

    /**
     * Reads a mask: a number, or names of bits parted by commas.
     *
     * @throws DmaBufException INVALID when it is neither; the message names the known bits
     */
    public long mask(String text) {
        String start = text.strip();
        if (start.isEmpty() || Character.isDigit(start.charAt(0)) || start.charAt(0) == '-') {
            return Quantity.parse(text);
        }
        long mask = 0;
        for (String name : start.split(",", -1)) {
            mask |= 1L << bit(name.strip());
        }
        return mask;
    }

    private int bit(String name) {
        return names.entrySet().stream()
                .filter(entry -> entry.getValue().equals(name))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElseThrow(() -> invalid("no bit of the access mask is named '" + name + "': "
                        + (names.isEmpty() ? "none has a name (dmabuf.core accessBits)" : "the names are " + this)));
    }

    /** Returns the name of a bit, or empty when it has none. */
    public Optional<String> name(int bit) {
        return Optional.ofNullable(names.get(bit));
    }

    /** Returns a mask in hexadecimal, and the names of its bits where they have some: {@code 0x6 (SYSTEM,CONTIG)}. */
    public String format(long mask) {
        List<String> set = new ArrayList<>();
        names.forEach((bit, name) -> {
            if (mask != DmaConstraints.UNLIMITED && (mask >>> bit & 1) != 0) {
                set.add(name);
            }
        });
        return Quantity.hex(mask) + (set.isEmpty() ? "" : " (" + String.join(",", set) + ")");
    }

    private static DmaBufException invalid(String message) {
        return new DmaBufException(Reason.INVALID, message);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AccessBits that && names.equals(that.names);
    }

    @Override
    public int hashCode() {
        return names.hashCode();
    }

    /** Returns the entries in the form that {@link #parse} reads, parted by commas. */
    @Override
    public String toString() {
        return names.entrySet().stream().map(Map.Entry::toString).reduce((a, b) -> a + "," + b).orElse("");
    }
}
