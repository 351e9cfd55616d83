// SPDX-License-Identifier: Apache-2.0
package bench;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/**
 * A side that is a benchmark of JMH. It has this process for itself, as a fork of JMH would, but is started by
 * {@link Bench}, so that its iterations take turns with those of the other sides: {@link Rounds}.
 */
public final class Measured {
    /** What JMH gives its forks: its loops are not inlined, and a black hole costs nothing. */
    static final List<String> FLAGS = List.of(
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:+UnlockExperimentalVMOptions",
            "-XX:CompileCommand=quiet",
            "-XX:CompileCommand=blackhole,org/openjdk/jmh/infra/Blackhole.consumeCompiler",
            "-XX:CompileCommand=dontinline,*.*_avgt_jmhStub",
            "-DcompilerBlackholesEnabled=true",
            "-Djmh.ignoreLock=true");

    /**
     * A heap whose pages are all resident. One that grows while it is measured takes a page fault for each 4 KiB of garbage until
     * the collector has been all over it, which in a virtual machine costs more than the work that is measured.
     */
    static final List<String> HEAP = List.of("-Xms512m", "-Xmx512m", "-XX:+AlwaysPreTouch");

    private static final int WARM_UPS = 10;

    private Measured() {}

    /** Measures: {@code CLASS.METHOD THREADS}. */
    public static void main(String[] words) throws RunnerException {
        Options options = new OptionsBuilder()
                .include("^bench\\.work\\." + words[0].replace(".", "\\.") + "$")
                .mode(Mode.AverageTime)
                .timeUnit(TimeUnit.NANOSECONDS)
                .threads(Integer.parseInt(words[1]))
                .forks(0)
                .warmupIterations(WARM_UPS)
                .warmupTime(TimeValue.milliseconds(millis("BENCH_WARM_MILLIS") / WARM_UPS))
                .measurementIterations(Integer.MAX_VALUE)
                .measurementTime(TimeValue.milliseconds(millis("BENCH_ROUND_MILLIS")))
                .shouldFailOnError(true)
                .build();
        new Runner(options, new Rounds(System.out)).run();
    }

    private static long millis(String variable) {
        return Long.parseLong(System.getenv(variable));
    }
}
