// SPDX-License-Identifier: Apache-2.0
package bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Measures a row in a guest of the lab, where its programs take the same turns: it has devices that this machine lacks. */
final class Lab {
    private static final int CANNOT = 77;

    private Lab() {}

    /** Whether a row needs a device that this machine does not have, or does not give to this user. */
    static boolean isNeeded(Row row) {
        return row.device().isPresent() && !Files.isWritable(Path.of(row.device().get()));
    }

    static List<Figures> run(Row row, Pace pace) throws IOException {
        if (pace.quick()) {
            return skipped(row, row.device().get() + " is not here, and a guest of the lab takes too long for a quick run");
        }
        Path log = Files.createDirectories(Pace.target().resolve("logs")).resolve("lab.log");
        Process guest = new ProcessBuilder(Pace.root().resolve("itests/lab/measure").toString(), row.name())
                .redirectError(log.toFile())
                .start();
        List<String> lines;
        try (var output = guest.inputReader()) {
            lines = output.lines().toList();
        }
        return switch (status(guest)) {
            case 0 -> row.lines().stream().map(line -> Taken.parse(row, lines).figures(row, line.in("a guest of the lab"))).toList();
            case CANNOT -> skipped(row, row.device().get() + " is not here, nor can a guest of the lab be booted: see " + log);
            default -> throw new IOException("the guest of the lab failed: see " + log);
        };
    }

    private static int status(Process process) throws IOException {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    private static List<Figures> skipped(Row row, String why) {
        return row.lines().stream().map(line -> Figures.skipped(row, line, why)).toList();
    }
}
