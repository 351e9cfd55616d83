// SPDX-License-Identifier: Apache-2.0
package trials;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A copy of the distribution for gateways that are started some hundred times: it keeps the classes of a start, and compiles nothing
 * that takes long.
 *
 * @param script its start script
 */
record Installation(Path script) {
    private static final Path DISTRIBUTION = Path.of(System.getProperty("gateway.home"));
    private static final String OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC\n";

    /** Installs it in a folder that is not there yet. */
    static Installation in(Path folder) throws IOException, InterruptedException {
        try (Stream<Path> files = Files.walk(DISTRIBUTION)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, folder.resolve(DISTRIBUTION.relativize(file)));
            }
        }
        Path options = folder.resolve("conf/jvm.options");
        Files.writeString(options, Files.readString(options) + OPTIONS);
        Installation made = new Installation(folder.resolve("gateway"));
        Process process = made.command("prepare").inheritIO().start();
        Row.check(process.waitFor() == 0, "it cannot be prepared");
        return made;
    }

    /** Returns a command line of it, for the Java of this process. */
    ProcessBuilder command(String... arguments) {
        ProcessBuilder builder = new ProcessBuilder(Stream.concat(Stream.of(script.toString()), Stream.of(arguments)).toList());
        builder.environment().put("JAVA25_HOME", System.getProperty("java.home"));
        builder.environment().keySet().removeAll(List.of("JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS"));
        return builder;
    }
}
