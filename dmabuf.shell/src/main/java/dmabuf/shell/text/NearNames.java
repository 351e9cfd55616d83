// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.text;

import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Finds the names that somebody who wrote a wrong one may have meant. */
public final class NearNames {
    private static final int MOST = 3;

    private NearNames() {}

    /** Returns at most three of the names: those with few differing letters, then those that contain the word. */
    public static List<String> of(String word, Collection<String> names) {
        String wanted = word.toLowerCase(Locale.ROOT);
        int allowed = Math.max(1, wanted.length() / 3);
        return names.stream()
                .distinct()
                .filter(name -> isNear(wanted, name.toLowerCase(Locale.ROOT), allowed))
                .sorted(Comparator.comparingInt((String name) -> distance(wanted, name.toLowerCase(Locale.ROOT)))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(MOST)
                .toList();
    }

    /** Returns the near names as words to append to a message, or the known ones where none is near. */
    public static String hint(String word, Collection<String> names) {
        List<String> near = of(word, names);
        if (!near.isEmpty()) {
            return "did you mean " + String.join(" or ", near) + "?";
        }
        return names.isEmpty() ? "none is known" : "known: " + String.join(" ", names);
    }

    private static boolean isNear(String wanted, String name, int allowed) {
        return distance(wanted, name) <= allowed
                || (wanted.length() > 1 && (name.contains(wanted) || (wanted.contains(name) && name.length() > 2)));
    }

    /** Counts the letters to change, add or leave out (Levenshtein). */
    static int distance(String from, String to) {
        int[] above = new int[to.length() + 1];
        Arrays.setAll(above, column -> column);
        for (int row = 1; row <= from.length(); row++) {
            int[] line = new int[to.length() + 1];
            line[0] = row;
            for (int column = 1; column <= to.length(); column++) {
                int change = from.charAt(row - 1) == to.charAt(column - 1) ? 0 : 1;
                line[column] = Math.min(
                        above[column - 1] + change, Math.min(above[column], line[column - 1]) + 1);
            }
            above = line;
        }
        return above[to.length()];
    }
}
