// SPDX-License-Identifier: Apache-2.0
package itests;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;

/** A session of the shell whose output is kept. */
final class Terminal implements AutoCloseable {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
    private final CommandSession session;

    Terminal(CommandProcessor gogo) {
        session = gogo.createSession(new ByteArrayInputStream(new byte[0]), print, print);
    }

    CommandSession session() {
        return session;
    }

    /** Executes a line and returns what it answered or printed. */
    String run(String line) throws Exception {
        out.reset();
        Object result = session.execute(line);
        if (result != null) {
            print.println(session.format(result, 0));
        }
        return text();
    }

    /** Returns what was printed since the last line began. */
    String text() {
        return out.toString(StandardCharsets.UTF_8);
    }

    List<String> lines() {
        return text().lines().toList();
    }

    @Override
    public void close() {
        session.close();
    }
}
