// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.view;

import java.util.Arrays;
import java.util.Collection;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Words that fit on a screen. */
final class Words {
    private Words() {}

    /** Returns the last part of a path. */
    static String shortName(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Returns a property's value, which may be one text or several. */
    static String of(@Nullable Object property) {
        return switch (property) {
            case null -> "";
            case Object[] many -> Arrays.stream(many).map(String::valueOf).collect(Collectors.joining(","));
            case Collection<?> many -> many.stream().map(String::valueOf).collect(Collectors.joining(","));
            default -> property.toString();
        };
    }

    /** Returns a text of at most so many characters, with dots where something is left out. */
    static String shortened(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most - 3) + "...";
    }

    /** Returns a count with its noun. */
    static String count(long number, String noun) {
        return number + " " + noun + (number == 1 ? "" : "s");
    }

    /** Breaks a text at blanks into indented lines of at most so many characters, and says when there are more. */
    static String wrapped(String text, int indent, int width, int mostLines) {
        StringBuilder lines = new StringBuilder();
        StringBuilder line = new StringBuilder();
        int count = 1;
        for (String word : text.split(" ", -1)) {
            if (line.length() + word.length() + 1 > width && !line.isEmpty()) {
                lines.append(" ".repeat(indent)).append(line).append('\n');
                line.setLength(0);
                if (++count > mostLines) {
                    return lines.append(" ".repeat(indent)).append("...\n").toString();
                }
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        return lines.append(" ".repeat(indent)).append(line).append('\n').toString();
    }
}
