// SPDX-License-Identifier: Apache-2.0
package checkers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** Where the project lies, and where the rows leave what they make. */
final class Places {
    /** The root of the project; {@code -Dtrials.root} says so where a program is not started there. */
    static final Path ROOT = Path.of(System.getProperty("trials.root", ".")).toAbsolutePath().normalize();

    /** The module of these rows. */
    static final Path MODULE = ROOT.resolve("itests/trials/checkers");

    private Places() {}

    /** Returns an empty folder below the module's {@code target}. */
    static Path fresh(String name) {
        Path folder = MODULE.resolve("target").resolve(name);
        try {
            if (Files.exists(folder)) {
                try (Stream<Path> all = Files.walk(folder)) {
                    for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(each);
                    }
                }
            }
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
