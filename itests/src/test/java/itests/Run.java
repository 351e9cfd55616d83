// SPDX-License-Identifier: Apache-2.0
package itests;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A command line, mostly of {@code ./gateway}, that has ended. */
record Run(int status, String out, String err) {
    static final Path ROOT = Path.of("").toAbsolutePath().getParent();

    /** Runs one to its end; what it writes and its temporary storage go below a folder. */
    static Run of(Path folder, List<String> arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(ROOT.resolve("gateway").toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("TMPDIR", Files.createDirectories(temporary(folder)).toString());
        return of(folder, builder);
    }

    /** Runs a program to its end; what it writes goes below a folder. */
    static Run of(Path folder, ProcessBuilder builder) throws Exception {
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Process process = builder.redirectOutput(out.toFile()).redirectError(err.toFile()).start();
        try {
            process.getOutputStream().close();
            assertThat(process.waitFor(180, SECONDS)).as("ends").isTrue();
            return new Run(process.exitValue(), Files.readString(out), Files.readString(err));
        } finally {
            process.destroyForcibly();
        }
    }

    /** Returns what runs left in the place for temporary files. */
    static List<Path> leftovers(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(temporary(folder))) {
            return files.toList();
        }
    }

    private static Path temporary(Path folder) {
        return folder.resolve("tmp");
    }

    String lastLine() {
        return out.lines().reduce((before, line) -> line).orElse("");
    }
}
