// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import java.util.ArrayList;
import java.util.List;

/**
 * Lists of names: split at commas, but not inside the parentheses of a filter. A comma that belongs to a name, as in
 * {@code linux,cma}, is written with a backslash before it.
 */
final class Names {
    private Names() {}

    /** Returns the parts of a list; an empty text has none. */
    static List<String> split(String text) {
        List<String> names = new ArrayList<>();
        int depth = 0;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
            if (c == ',' && depth <= 0 && (i == 0 || text.charAt(i - 1) != '\\')) {
                names.add(unescaped(text.substring(start, i)));
                start = i + 1;
            }
        }
        if (!text.isEmpty()) {
            names.add(unescaped(text.substring(start)));
        }
        return names;
    }

    /** Returns a text without the backslashes before commas. */
    static String unescaped(String text) {
        return text.replace("\\,", ",");
    }
}
