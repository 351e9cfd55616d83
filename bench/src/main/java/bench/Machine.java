// SPDX-License-Identifier: Apache-2.0
package bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** On what it was measured. */
final class Machine {
    private Machine() {}

    /** Returns one line: processors, kernel without what its builder calls it, Java. */
    static String describe() {
        return Runtime.getRuntime().availableProcessors() + " processors " + processor() + ", " + System.getProperty("os.name")
                + " " + System.getProperty("os.version").replaceAll("-.*", "") + ", Java " + Runtime.version();
    }

    private static String processor() {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name"))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElse(System.getProperty("os.arch"));
        } catch (IOException _) {
            return System.getProperty("os.arch");
        }
    }
}
