// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.line;

import dmabuf.shell.command.DmaBufCommands;
import dmabuf.shell.command.Guard;
import dmabuf.shell.command.HelpCommand;
import dmabuf.shell.command.ListCommands;
import dmabuf.shell.command.WatchCommand;
import dmabuf.shell.text.NearNames;
import dmabuf.shell.usage.UsageError;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;

/** Runs shell commands one after the other, prints what each answers, and fails when one of them failed. */
record SessionTask(List<String> commands) implements Task {
    private static final List<Class<?>> COMMANDS =
            List.of(DmaBufCommands.class, ListCommands.class, WatchCommand.class, HelpCommand.class, TaskCommands.class);
    private static final String NOT_FOUND = "Command not found: ";
    private static final Pattern WRONG_ARGUMENTS = Pattern.compile("Cannot coerce ([\\w-]+)\\(.*", Pattern.DOTALL);

    static Task of(List<String> arguments) {
        if (arguments.size() != 1) {
            throw new UsageError("-c needs one argument: the commands, in quotes");
        }
        return new SessionTask(Statements.split(arguments.getFirst()));
    }

    @Override
    public int run(Console console, Services services) throws InterruptedException {
        CommandProcessor processor = services.need(CommandProcessor.class, "org.apache.felix.gogo.runtime");
        services.settled();
        for (Class<?> commands : COMMANDS) {
            services.await(commands, "dmabuf.shell");
        }
        boolean failed = false;
        // What is told while a command runs shall be seen then: what Gogo writes goes on at once.
        PrintStream out = new PrintStream(console.out(), true, StandardCharsets.UTF_8);
        try (CommandSession session = processor.createSession(console.in(), out, console.err())) {
            session.currentDir(console.folder().toAbsolutePath());
            for (String command : commands) {
                failed |= !run(session, command, console);
            }
            return failed || Guard.failures(session) > 0 ? 1 : 0;
        }
    }

    /** A name that is no command answers with the near ones; everything else is Gogo's own message. */
    private static String message(CommandSession session, Exception e) {
        String text = Optional.ofNullable(e.getMessage()).orElse(e.toString());
        if (text.startsWith(NOT_FOUND) && session.get(".commands") instanceof Collection<?> commands) {
            List<String> names = commands.stream()
                    .map(name -> name.toString().replaceFirst("^.*:", ""))
                    .toList();
            List<String> near = NearNames.of(text.substring(NOT_FOUND.length()), names);
            return near.isEmpty() ? text : text + ": did you mean " + String.join(" or ", near) + "?";
        }
        Matcher wrong = WRONG_ARGUMENTS.matcher(text);
        return wrong.matches() ? "wrong arguments for " + wrong.group(1) + ": see help " + wrong.group(1) : text;
    }

    private static boolean run(CommandSession session, String command, Console console) {
        try {
            Object answer = session.execute(command);
            if (answer != null) {
                console.out().println(session.format(answer, Converter.INSPECT));
            }
            return true;
        } catch (Exception e) {
            console.err().println(message(session, e));
            return false;
        } finally {
            console.flush();
        }
    }
}
