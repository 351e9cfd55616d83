// SPDX-License-Identifier: Apache-2.0
package trials.planted;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One violation: a text of a source file and what it is replaced by.
 *
 * @param name the invariant that breaks, in few words
 * @param module the folder of the module
 * @param source the file, from the root of the module's sources
 * @param text what stands there, exactly once; blanks and line ends count
 * @param replacement what takes its place
 * @param guard the test that notices: {@code Class#method} of the module's tests, or a class with a {@code main}
 */
record Plant(String name, String module, String source, String text, String replacement, String guard) {
    /** Returns the name of a file or folder of its own. */
    String key() {
        return name.replace(' ', '-');
    }

    /** Returns whether its guard is a test, not a program. */
    boolean isGuardedByATest() {
        return guard.contains("#");
    }

    Path file(Path root) {
        return root.resolve(module).resolve("src/main/java").resolve(source);
    }

    /** Returns the whole source with the violation; a text that is not there once is an error of the table. */
    String planted(Path root) throws IOException {
        String whole = Files.readString(file(root));
        int first = whole.indexOf(text);
        if (first < 0 || whole.indexOf(text, first + 1) >= 0) {
            throw new IllegalStateException("the text of '" + name + "' stands " + (first < 0 ? "nowhere" : "more than once")
                    + " in " + source + ": " + text);
        }
        return whole.substring(0, first) + replacement + whole.substring(first + text.length());
    }
}
