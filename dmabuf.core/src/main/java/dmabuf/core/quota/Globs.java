// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.quota;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.List;
import java.util.regex.PatternSyntaxException;

/** Names with wildcards, as {@link java.nio.file.FileSystem#getPathMatcher} reads globs. Immutable. */
final class Globs {
    private final List<PathMatcher> matchers;

    private Globs(List<String> words) {
        this.matchers = words.stream().map(Globs::matcher).toList();
    }

    /** Reads globs; INVALID for what is none. */
    static Globs of(List<String> words) {
        return new Globs(words);
    }

    private static PathMatcher matcher(String word) {
        try {
            return FileSystems.getDefault().getPathMatcher("glob:" + word);
        } catch (PatternSyntaxException _) {
            throw new DmaBufException(Reason.INVALID, "'" + word + "' is no glob");
        }
    }

    boolean isEmpty() {
        return matchers.isEmpty();
    }

    boolean matches(String name) {
        try {
            Path path = Path.of(name);
            return matchers.stream().anyMatch(matcher -> matcher.matches(path));
        } catch (InvalidPathException _) {
            return false;
        }
    }
}
