// SPDX-License-Identifier: Apache-2.0
package bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.results.BenchmarkResult;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.IterationType;
import org.openjdk.jmh.runner.format.OutputFormat;

/** Lets each measured iteration wait for a line, and answers it with the score. What JMH says besides goes to the log. */
final class Rounds implements OutputFormat {
    private final BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    private final PrintStream output;
    private boolean warm;

    Rounds(PrintStream output) {
        this.output = output;
    }

    @Override
    public void iteration(BenchmarkParams benchmark, IterationParams iteration, int number) {
        if (iteration.getType() != IterationType.MEASUREMENT) {
            return;
        }
        if (!warm) {
            warm = true;
            say("ready");
        }
        awaitRound();
    }

    /** At the end of the input the process ends: nobody looks at what JMH would still sum up. A recording is written then. */
    private void awaitRound() {
        try {
            if (input.readLine() == null) {
                System.exit(0);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void iterationResult(BenchmarkParams benchmark, IterationParams iteration, int number, IterationResult result) {
        if (iteration.getType() == IterationType.MEASUREMENT) {
            say(Double.toString(result.getPrimaryResult().getScore()));
        }
    }

    private void say(String line) {
        output.println(line);
        output.flush();
    }

    @Override
    public void startBenchmark(BenchmarkParams benchmark) {}

    @Override
    public void endBenchmark(BenchmarkResult result) {}

    @Override
    public void startRun() {}

    @Override
    public void endRun(Collection<RunResult> results) {}

    @Override
    public void print(String text) {
        System.err.print(text);
    }

    @Override
    public void println(String text) {
        System.err.println(text);
    }

    @Override
    public void flush() {}

    @Override
    public void close() {}

    @Override
    public void verbosePrintln(String text) {}

    @Override
    public void write(int octet) {
        System.err.write(octet);
    }

    @Override
    public void write(byte[] octets) throws IOException {
        System.err.write(octets);
    }
}
