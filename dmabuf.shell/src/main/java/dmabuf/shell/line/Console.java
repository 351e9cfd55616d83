// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.line;

import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Process;

/**
 * Where a task reads and writes. The answer goes to the standard output, everything else to the error stream.
 *
 * @param in the input
 * @param out for the answer; buffered
 * @param err for progress and errors
 * @param folder what relative paths are relative to: where the user stands
 */
record Console(InputStream in, PrintStream out, PrintStream err, Path folder) {
    /** Returns that of the process; not System.out, which Gogo redirects by thread. */
    static Console ofProcess() {
        return new Console(
                new FileInputStream(FileDescriptor.in),
                new PrintStream(
                        new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), 1 << 16), false,
                        StandardCharsets.UTF_8),
                new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
                Path.of(Optional.ofNullable(System.getProperty("dmabuf.cwd")).orElse("")));
    }

    /** Returns that of the command that runs. */
    static Console of(CommandSession session) {
        Process process = Process.Utils.current();
        return new Console(process.in(), process.out(), process.err(), session.currentDir());
    }

    /** Returns where a file is that the user named. */
    Path file(String name) {
        return folder.resolve(name);
    }

    /** Says something that is not part of the answer. */
    void say(String line) {
        err.println("gateway: " + line);
    }

    void flush() {
        out.flush();
        err.flush();
    }
}
