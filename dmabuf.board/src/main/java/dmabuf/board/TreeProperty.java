// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * One property of a node: a name and bytes, seen as 32-bit big-endian cells or as strings. Immutable; a view of the
 * tree's bytes, no copy.
 *
 * <p>Source of the encoding: Devicetree Specification v0.4, section 2.2.4.
 */
final class TreeProperty {
    /** Strings of one property; the longest known list of {@code compatible} has 51. */
    static final int MAX_STRINGS = 256;

    private static final int CELL_BYTES = Integer.BYTES;

    private final String name;
    private final ByteBuffer value;
    private final Place place;

    /**
     * Creates a property.
     *
     * @param name the name
     * @param value its bytes, from position to limit; big-endian; nobody writes to them any more
     * @param place where it was found, for messages
     */
    TreeProperty(String name, ByteBuffer value, Place place) {
        this.name = Objects.requireNonNull(name, "name");
        this.value = value.slice().asReadOnlyBuffer();
        this.place = Objects.requireNonNull(place, "place");
    }

    /** Returns the name. */
    String name() {
        return name;
    }

    /** Returns where the property stands. */
    Place place() {
        return place;
    }

    /** Returns the bytes, read-only and big-endian, in a view of the caller's own. */
    ByteBuffer bytes() {
        return value.duplicate();
    }

    /** Returns whether it has no value, which says "true". */
    boolean isEmpty() {
        return value.limit() == 0;
    }

    /** Returns the number of whole cells. */
    int cellCount() {
        return value.limit() / CELL_BYTES;
    }

    /**
     * Returns one cell.
     *
     * @param index from 0 to {@link #cellCount()} - 1
     * @throws IndexOutOfBoundsException when there is no such cell
     */
    int cell(int index) {
        Objects.checkIndex(index, cellCount());
        return value.getInt(index * CELL_BYTES);
    }

    /**
     * Returns the number that some cells make, the highest first. Of more than two cells the low 64 bits remain, as
     * with Linux' {@code of_read_number}; no cell makes 0.
     *
     * @throws IndexOutOfBoundsException when there are not so many cells
     */
    long number(int firstCell, int cells) {
        long number = 0;
        for (int i = firstCell; i < firstCell + cells; i++) {
            number = number << Integer.SIZE | Integer.toUnsignedLong(cell(i));
        }
        return number;
    }

    /**
     * Returns the strings, which end in NUL each; a missing last NUL is forgiven; no bytes make no string.
     *
     * @throws dmabuf.api.DmaBufException INVALID when there are absurdly many
     */
    List<String> strings() {
        List<String> strings = new ArrayList<>();
        int start = 0;
        for (int end = 0; end < value.limit(); end++) {
            if (value.get(end) == 0) {
                strings.add(text(start, end));
                start = end + 1;
                checkCount(strings);
            }
        }
        if (start < value.limit()) {
            strings.add(text(start, value.limit()));
        }
        return List.copyOf(strings);
    }

    private void checkCount(List<String> strings) {
        if (strings.size() > MAX_STRINGS) {
            throw BrokenTree.in(place, name + " has more than " + MAX_STRINGS + " strings");
        }
    }

    /** Returns whether the first string is the given one. */
    boolean says(String text) {
        List<String> strings = strings();
        return !strings.isEmpty() && strings.getFirst().equals(text);
    }

    private String text(int start, int end) {
        byte[] bytes = new byte[end - start];
        value.get(start, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }
}
