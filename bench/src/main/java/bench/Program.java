// SPDX-License-Identifier: Apache-2.0
package bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A side that runs: a process, to which one talks by lines. What it says besides goes to a log. */
final class Program implements AutoCloseable {
    private final Side side;
    private final Path log;
    private final Process process;
    private final BufferedWriter input;
    private final BufferedReader output;
    private Optional<String> skipped = Optional.empty();

    Program(Side side, Pace pace, int number) throws IOException {
        this.side = side;
        this.log = Files.createDirectories(Pace.target().resolve("logs"))
                .resolve(number + "-" + side.label().replaceAll("[^A-Za-z0-9]+", "-") + ".log");
        ProcessBuilder builder = new ProcessBuilder(command(side, pace)).redirectError(log.toFile()).directory(Pace.root().toFile());
        builder.environment().put("BENCH_ROUND_MILLIS", Integer.toString(pace.roundMillis()));
        builder.environment().put("BENCH_WARM_MILLIS", Integer.toString(pace.warmMillis()));
        builder.environment().put("BENCH_SEEDS", Integer.toString(pace.seeds()));
        this.process = builder.start();
        this.input = process.outputWriter();
        this.output = process.inputReader();
    }

    private static List<String> command(Side side, Pace pace) {
        List<String> words = new ArrayList<>();
        switch (side.kind()) {
            case C -> words.add(Pace.target().resolve("c").resolve(side.words().getFirst()).toString());
            case SCRIPT -> words.add(Pace.root().resolve(side.words().getFirst()).toString());
            case JMH, GAUGE -> java(side, pace, words);
        }
        words.addAll(side.kind() == Side.Kind.JMH ? side.words() : side.words().subList(1, side.words().size()));
        return words;
    }

    private static void java(Side side, Pace pace, List<String> words) {
        words.addAll(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx4g"));
        words.addAll(List.of("@" + Pace.root().resolve("cnf/conf/jvm.options"), "--enable-native-access=ALL-UNNAMED"));
        if (side.kind() == Side.Kind.JMH) {
            words.addAll(Measured.FLAGS);
            words.addAll(pace.quick() ? List.of() : Measured.HEAP);
        }
        words.addAll(side.options());
        words.addAll(List.of("-Dbench.root=" + Pace.root(), "-cp", System.getProperty("java.class.path")));
        words.add(side.kind() == Side.Kind.JMH ? Measured.class.getName() : "bench.work." + side.words().getFirst());
    }

    /** Waits until it is warm; answers whether it takes part. */
    boolean awaitReady() throws IOException {
        String line = line();
        if (line.startsWith("skipped: ")) {
            skipped = Optional.of(line.substring("skipped: ".length()));
        } else if (!line.equals("ready")) {
            throw new IOException(side.label() + " said '" + line + "': see " + log);
        }
        return skipped.isEmpty();
    }

    Optional<String> skipped() {
        return skipped;
    }

    /** Lets it measure once. */
    double round() throws IOException {
        input.write("round\n");
        input.flush();
        return Double.parseDouble(line());
    }

    private String line() throws IOException {
        String line = output.readLine();
        if (line == null) {
            throw new IOException(side.label() + " has ended: see " + log + File.pathSeparator + " " + tail());
        }
        return line;
    }

    private String tail() throws IOException {
        List<String> lines = Files.readAllLines(log);
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 5), lines.size()));
    }

    /** Ends its input, and with it the program. */
    @Override
    public void close() {
        try {
            input.close();
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
