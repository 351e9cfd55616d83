// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.line;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Splits shell commands at line ends and semicolons that are not quoted or inside brackets: Gogo itself would show the
 * answer of the last command alone. A filter that names a device, {@code (family=hantro)}, is put into quotes: Gogo
 * would take it for an assignment.
 */
final class Statements {
    /** A word in parentheses with an operator or with {@code key=value}; blanks would make it a command in parentheses. */
    private static final Pattern FILTER =
            Pattern.compile("(?<=\\s)\\((?:[&|!]\\([^\\s'\"]*\\)|[A-Za-z.]+[~<>]?=[^\\s()'\"]+)\\)(?=\\s|$)");

    private final List<String> commands = new ArrayList<>();
    private final StringBuilder command = new StringBuilder();
    private char quote;
    private int depth;

    private Statements() {}

    static List<String> split(String text) {
        Statements statements = new Statements();
        for (int i = 0; i < text.length(); i++) {
            boolean escaped = text.charAt(i) == '\\' && i + 1 < text.length();
            if (escaped) {
                statements.command.append(text, i, i + 2);
                i++;
            } else {
                statements.character(text.charAt(i));
            }
        }
        statements.end();
        return statements.commands;
    }

    private void character(char c) {
        if (quote == 0 && depth == 0 && (c == ';' || c == '\n')) {
            end();
            return;
        }
        if (quote != 0) {
            quote = c == quote ? 0 : quote;
        } else if (c == '\'' || c == '"') {
            quote = c;
        } else {
            depth += "({[".indexOf(c) >= 0 ? 1 : ")}]".indexOf(c) >= 0 ? -1 : 0;
        }
        command.append(c);
    }

    private void end() {
        if (!command.toString().isBlank()) {
            commands.add(FILTER.matcher(command.toString().strip()).replaceAll("'$0'"));
        }
        command.setLength(0);
    }
}
