// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import dmabuf.shell.text.NearNames;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** A line that cannot be understood. Says which word, and what would have been. */
final class ScenarioError extends RuntimeException {
    final int line;
    final String text;

    ScenarioError(int line, String text) {
        super(text);
        this.line = line;
        this.text = text;
    }

    /** Returns the error of a word that is none of the known ones. */
    static ScenarioError unknown(int line, String kind, String word, Collection<String> known) {
        return new ScenarioError(line, "unknown " + kind + " '" + word + "': " + hint(word, known));
    }

    private static String hint(String word, Collection<String> known) {
        List<String> near = NearNames.of(word, known);
        String all = known.isEmpty() ? "there is none here" : "known are " + String.join(" ", new TreeSet<>(known));
        return near.isEmpty() ? all : "did you mean " + String.join(" or ", near) + "? " + all;
    }
}
