// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import java.util.function.Supplier;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Process;
import org.jspecify.annotations.Nullable;

/** Stands around every command: what goes wrong becomes one line and a failing status. */
public final class Guard {
    private static final String FAILURES = ".dmabuf.failures";

    private Guard() {}

    static @Nullable Answer run(CommandSession session, Supplier<Answer> command) {
        try {
            return command.get();
        } catch (RuntimeException e) {
            Process.Utils.current().err().println(CommandError.line(e));
            fail(session);
            return null;
        }
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
