// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import dmabuf.shell.usage.Kind;
import dmabuf.shell.usage.Usage;
import dmabuf.shell.usage.Usages;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.CommandSessionListener;
import org.osgi.service.component.annotations.Component;

/**
 * Tells each session of Gogo's line editor how the commands are completed, as soon as it has run its profile: its command
 * {@code complete} takes the options, and a function to ask for words. Sessions without the line editor have no table of
 * completions, and are left alone.
 */
@Component
public final class CompletionRules implements CommandSessionListener {
    private static final String TABLE = ".completions";
    private static final String ASK =
            "dmabuf:" + Completion.FUNCTION + " ($.commandLine words) ($.commandLine wordIndex)";

    /** Behind Gogo's own welcome, for somebody who knows nothing yet. */
    private static final String GREETING = "Buffers that devices share: help leads on, Tab completes names.\n";

    /** Creates the listener. */
    public CompletionRules() {}

    @Override
    public void beforeExecute(CommandSession session, CharSequence command) {}

    @Override
    public void afterExecute(CommandSession session, CharSequence command, Exception exception) {
        tell(session);
    }

    @Override
    public void afterExecute(CommandSession session, CharSequence command, Object result) {
        tell(session);
    }

    /** The mark is set first, because telling executes commands of the same session. */
    private static void tell(CommandSession session) {
        if (session.get(TABLE) instanceof Map<?, ?> table && !Boolean.TRUE.equals(session.get(mark(table)))) {
            session.put(mark(table), true);
            try {
                session.execute(script());
                session.getConsole().println(GREETING);
            } catch (Exception e) {
                // Another line editor with other words: names are not completed, and all else works.
                session.put(".dmabuf.completion", e.toString());
            }
        }
    }

    /** A shell in a shell has a table of its own. */
    private static String mark(Map<?, ?> table) {
        return ".dmabuf.completion." + System.identityHashCode(table);
    }

    /** Returns the script that a session runs. */
    static String script() {
        return Usages.all().stream().map(CompletionRules::rules).collect(Collectors.joining("\n"));
    }

    private static String rules(Usage usage) {
        String complete = "gogo:complete -c dmabuf:" + usage.name() + " ";
        String options = usage.options().stream()
                .map(option -> complete + "-l " + option.name().substring(2) + " -d " + quoted(option.meaning()) + "\n")
                .collect(Collectors.joining());
        boolean files = usage.wordAt(0).filter(word -> word.kind() == Kind.FILE).isPresent();
        return complete + "-e\n" + complete + "-d " + quoted(usage.purpose()) + "\n" + options
                + complete + "-a '" + (files ? "gogo:__files" : ASK) + "'";
    }

    /** Gogo has no way to write a single quote inside double ones: the texts have none. */
    private static String quoted(String text) {
        return '"' + text + '"';
    }
}
