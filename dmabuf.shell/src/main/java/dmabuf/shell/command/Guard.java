// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import dmabuf.shell.usage.Arguments;
import dmabuf.shell.usage.Usage;
import dmabuf.shell.usage.UsageError;
import dmabuf.shell.usage.Usages;
import java.io.PrintStream;
import java.util.List;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Process;
import org.jspecify.annotations.Nullable;

/** Stands around every command: reads its arguments, and what goes wrong becomes a line and a failing status. */
public final class Guard {
    private static final String FAILURES = ".dmabuf.failures";
    private static final String HELP = "--help";

    private Guard() {}

    /** What a command does with its arguments. */
    public interface Command {
        /** Does it; an answer of null has been printed already. */
        @Nullable Answer run(Arguments arguments) throws InterruptedException;
    }

    /** Runs a command with its arguments; answers null when that failed, and the reason is on the error stream. */
    public static @Nullable Answer run(CommandSession session, String name, String[] words, Command command) {
        Usage usage = Usages.of(name);
        List<String> given = List.of(words);
        if (given.contains(HELP)) {
            return new Answer(usage.page(), usage.page());
        }
        PrintStream err = Process.Utils.current().err();
        try {
            return command.run(usage.parse(given));
        } catch (UsageError e) {
            err.println(name + ": " + e.getMessage() + "\nusage: " + usage.synopsis());
        } catch (InterruptedException e) {
            // The thread is Gogo's, which interrupts a job to end it and goes on with the thread.
            err.println(name + " is interrupted");
        } catch (RuntimeException e) {
            err.println(CommandError.line(e));
        }
        fail(session);
        return null;
    }

    /** Fails with an answer: Gogo shows none of a command that failed, so it is printed here. */
    public static @Nullable Answer failed(CommandSession session, Answer answer) {
        Process.Utils.current().out().println(answer);
        fail(session);
        return null;
    }

    /** Makes the status of the command that runs a failure. */
    public static void fail(CommandSession session) {
        Process.Utils.current().error(1);
        session.put(FAILURES, failures(session) + 1);
    }

    /** Returns how many commands of a session failed. */
    public static int failures(CommandSession session) {
        return session.get(FAILURES) instanceof Integer count ? count : 0;
    }
}
