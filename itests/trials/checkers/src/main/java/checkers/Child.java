// SPDX-License-Identifier: Apache-2.0
package checkers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A program in a virtual machine of its own, with this one's class path; what it prints goes to a file. */
final class Child {
    private final Process process;
    private final Path log;

    private Child(Process process, Path log) {
        this.process = process;
        this.log = log;
    }

    /**
     * Starts a program. It ends with this one.
     *
     * @param folder where it runs and leaves its log; made when it is not there
     * @param overlay classes in front of the class path, or empty
     * @param words options of the virtual machine, the class and its arguments
     */
    static Child start(Path folder, Optional<Path> overlay, List<String> words) {
        String classPath = System.getProperty("java.class.path");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+EnableDynamicAgentLoading",
                "-ea",
                "-cp",
                overlay.map(first -> first + ":" + classPath).orElse(classPath)));
        command.addAll(words);
        Path log = folder.resolve("log");
        try {
            Files.createDirectories(folder);
            Process process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly));
            return new Child(process, log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits for its end and returns its status; fails when it takes longer than some seconds. */
    int status(long seconds) throws InterruptedException {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
            throw new AssertionError("no end after " + seconds + " s: " + log);
        }
        return process.exitValue();
    }

    /** Returns what it has printed, line by line. */
    List<String> lines() {
        try (Stream<String> lines = Files.lines(log, StandardCharsets.ISO_8859_1)) {
            return lines.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Prints the last lines that it has printed. */
    void tell() {
        List<String> lines = lines();
        System.out.println("---- the end of " + log);
        lines.stream().skip(Math.max(0, lines.size() - 40)).forEach(System.out::println);
        System.out.println("----");
    }
}
