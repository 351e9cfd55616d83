// SPDX-License-Identifier: Apache-2.0
package checkers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import trials.Row;
import trials.Scale;

/**
 * The row of the fuzzers: Jazzer makes inputs for each {@link Target}, all at the same time, led by what they reach in our
 * classes. With the argument {@code keep} what the last run found becomes what is kept, where it adds to it.
 */
final class Fuzzing {
    private static final Duration TIME = Duration.ofSeconds(60);
    private static final long START_SECONDS = 120;
    private static final Pattern RUNS = Pattern.compile("^stat::number_of_executed_units: *(\\d+)$");
    private static final Pattern COVERAGE = Pattern.compile("\\bcov: (\\d+)\\b");

    private Fuzzing() {}

    public static void main(String[] arguments) {
        if (arguments.length == 1 && arguments[0].equals("keep")) {
            Row.run(_ -> Keeping.keep());
        } else {
            Row.run(Fuzzing::run);
        }
    }

    private static String run(Row row) throws IOException, InterruptedException {
        long seconds = Scale.of(TIME).toSeconds();
        Path fuzz = Places.fresh("fuzz");
        Map<Target, Child> children = new EnumMap<>(Target.class);
        for (Target target : Target.values()) {
            children.put(target, start(target, fuzz.resolve(target.title), seconds, row.seed()));
        }
        long inputs = 0;
        for (Target target : Target.values()) {
            Child child = Objects.requireNonNull(children.get(target));
            if (child.status(seconds + START_SECONDS) != 0) {
                throw new AssertionError(failure(target, fuzz.resolve(target.title), child));
            }
            long made = figure(child, RUNS);
            row.say(target.title + ": " + Row.number(made) + " inputs, " + figure(child, COVERAGE) + " edges reached");
            inputs += made;
        }
        return Target.values().length + " targets, " + seconds + " s each, " + Row.number(inputs)
                + " inputs; only documented errors";
    }

    private static Child start(Target target, Path folder, long seconds, long seed) throws IOException {
        Corpus.unpack(target.seeds(), folder.resolve("kept"));
        Files.createDirectories(folder.resolve("found"));
        return Child.start(folder, Optional.empty(), jazzer(target, List.of(
                "found", "kept", "-max_total_time=" + seconds, "-seed=" + Math.max(1, (int) (seed & 0x7fffffff)))));
    }

    /** Returns the words that start Jazzer on a target. */
    static List<String> jazzer(Target target, List<String> arguments) {
        List<String> words = new ArrayList<>(List.of(
                "-Xmx512m",
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + target.input.getName(),
                "--instrumentation_includes=dmabuf.**:allocator.**",
                "--reproducer_path=.",
                "-max_len=" + target.longest,
                "-timeout=30",
                "-print_final_stats=1"));
        words.addAll(arguments);
        return words;
    }

    private static String failure(Target target, Path folder, Child child) {
        child.tell();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.startsWith("crash-") || name.startsWith("timeout-")) {
                    return target.title + " does not survive the input " + Corpus.line(Files.readAllBytes(file));
                }
            }
        } catch (IOException e) {
            return target.title + ": " + e;
        }
        return target.title + ": the fuzzer ended with an error: " + folder.resolve("log");
    }

    private static long figure(Child child, Pattern pattern) {
        long last = 0;
        for (String line : child.lines()) {
            Matcher found = pattern.matcher(line);
            last = found.find() ? Long.parseLong(found.group(1)) : last;
        }
        return last;
    }
}
