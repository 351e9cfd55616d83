// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The text form of a list of pool names: separated by commas. A comma or backslash that belongs to a name is written
 * with a backslash before it, a blank as the backslash, {@code u} and four hexadecimal digits.
 */
final class PoolNames {
    private static final int HEX_DIGITS = 4;

    private PoolNames() {}

    static String format(Collection<String> names) {
        return names.stream().map(PoolNames::escaped).collect(Collectors.joining(","));
    }

    private static String escaped(String name) {
        return name.chars().mapToObj(c -> escaped((char) c)).collect(Collectors.joining());
    }

    private static String escaped(char c) {
        if (Character.isWhitespace(c)) {
            return String.format("\\u%04x", (int) c);
        }
        return c == ',' || c == '\\' ? "\\" + c : String.valueOf(c);
    }

    /** Reads a list; the empty text is the empty list, which no constraints accept. */
    static List<String> parse(String text) {
        List<String> names = new ArrayList<>();
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == ',') {
                names.add(name.toString());
                name.setLength(0);
            } else if (c == '\\') {
                i += unescape(text, i + 1, name);
            } else {
                name.append(c);
            }
        }
        if (!text.isEmpty()) {
            names.add(name.toString());
        }
        return names;
    }

    /** Appends what a backslash introduces, and returns how many characters that took. */
    private static int unescape(String text, int at, StringBuilder name) {
        if (at < text.length() && text.charAt(at) != 'u') {
            name.append(text.charAt(at));
            return 1;
        }
        try {
            name.append((char) Integer.parseUnsignedInt(text, at + 1, at + 1 + HEX_DIGITS, 16));
            return 1 + HEX_DIGITS;
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            throw new DmaBufException(
                    Reason.INVALID, "pools='" + text + "' ends in the middle of an escape, or has a bad one", e);
        }
    }
}
