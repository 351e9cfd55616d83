// SPDX-License-Identifier: Apache-2.0
package trials.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import trials.Row;
import trials.Scale;

/**
 * Of eight threads four end something and four use it, all at the same moment, for each pair of operations; in three
 * virtual machines side by side, which compile as usual, with the first compiler alone, and not at all.
 */
public final class CloseAgainstUse {
    private static final int THREADS = 8;
    private static final int USES = 4;
    private static final String ALONE = "alone";
    private static final List<String> MODES = List.of("-XX:+TieredCompilation", "-XX:TieredStopAtLevel=1", "-Xint");

    private final Row row;
    private final Duration each = Scale.of(Duration.ofSeconds(10));
    private volatile Contest contest = Contest.of(() -> {}, () -> {}, () -> {});
    private volatile boolean over;
    private volatile boolean ended;
    private long rounds;
    private long allRounds;

    private CloseAgainstUse(Row row) {
        this.row = row;
    }

    public static void main(String... arguments) {
        Row.run(row -> arguments.length > 0 ? new CloseAgainstUse(row).run() : inAllModes(row));
    }

    private static String inAllModes(Row row) throws IOException, InterruptedException {
        List<Process> processes = new ArrayList<>();
        for (String mode : MODES) {
            processes.add(start(mode));
        }
        for (int i = 0; i < MODES.size(); i++) {
            String said = new String(processes.get(i).getInputStream().readAllBytes(), UTF_8);
            row.say("---- " + MODES.get(i) + "\n" + said.strip());
            Row.check(processes.get(i).waitFor() == 0, MODES.get(i) + ": exit " + processes.get(i).exitValue());
        }
        return "6 pairs, 8 threads, " + Scale.of(Duration.ofSeconds(10)).toSeconds() + " s each in " + MODES.size()
                + " modes; only documented errors";
    }

    private static Process start(String mode) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(), mode, "-ea",
                        "--enable-native-access=ALL-UNNAMED", "-XX:-CreateCoredumpOnCrash",
                        "-Dtrials.scale=" + System.getProperty("trials.scale", "1"), "-cp", System.getProperty("java.class.path"),
                        CloseAgainstUse.class.getName(), ALONE)
                .redirectErrorStream(true)
                .start();
    }

    private String run() throws Exception {
        try (Bench bench = new Bench(Wrap.NOTHING)) {
            for (Map.Entry<String, Supplier<Contest>> pair : new Contests(bench).all().entrySet()) {
                contend(bench, pair.getKey(), pair.getValue());
            }
        }
        return Row.number(allRounds) + " rounds; only documented errors";
    }

    private void contend(Bench bench, String name, Supplier<Contest> pair) throws Exception {
        AtomicLong used = new AtomicLong();
        AtomicLong refused = new AtomicLong();
        long end = System.nanoTime() + each.toNanos();
        over = false;
        rounds = 0;
        new Team(THREADS, () -> contest = pair.get(), () -> judge(bench, name, end)).run(_ -> !over, (member, round) -> {
            // Who ends it comes sooner or later, from round to round.
            boolean ends = member % 2 == 0;
            for (int i = 0; i < (ends ? (member + round) % USES : USES); i++) {
                (contest.tryUse() ? used : refused).incrementAndGet();
            }
            if (ends && contest.tryClose()) {
                ended = true;
            }
        });
        allRounds += rounds;
        row.say(name + ": " + rounds + " rounds, used " + used + " times, refused " + refused + " times");
        Row.check(used.get() > 0 && refused.get() > 0, name + ": no race, used " + used + ", refused " + refused);
    }

    private void judge(Bench bench, String name, long end) {
        Row.check(!ended || !contest.tryUse(), name + ": used after it was closed");
        ended = false;
        contest.clean().run();
        Row.check(bench.memory.inUse() == 0, name + ": " + bench.memory.inUse() + " bytes are still out");
        Row.check(bench.exporter("app").buffers().isEmpty(), name + ": still there: " + bench.exporter("app").buffers());
        rounds++;
        over = System.nanoTime() - end > 0;
    }
}
