// SPDX-License-Identifier: Apache-2.0
package checkers;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import trials.Row;
import trials.Scale;

/**
 * The row of jcstress: two threads, millions of times, at each {@link Point}; what one sees of the other is counted, and some
 * of it is forbidden. The twin has to show what is forbidden.
 */
final class Publication {
    private static final int MILLIS = 1_000;
    private static final int TWIN_MILLIS = 1_000;
    private static final int TWIN_TRIES = 8;
    private static final long MOST_SECONDS = 300;

    private Publication() {}

    public static void main(String[] arguments) {
        Row.run(Publication::run);
    }

    private static String run(Row row) throws InterruptedException {
        Path folder = Places.fresh("jcstress");
        String all = Arrays.stream(Point.values()).map(point -> name(point.test)).collect(Collectors.joining("|"));
        Child sound = start(folder.resolve("sound"), Optional.empty(), all, Math.max(300, Scale.of(MILLIS)));
        if (sound.status(MOST_SECONDS) != 0) {
            sound.tell();
            throw new AssertionError("jcstress found what is forbidden: " + folder.resolve("sound/log"));
        }
        row.say(Point.values().length + " points show nothing that is forbidden");
        for (Point point : Point.values()) {
            catches(point, folder.resolve(point.name().toLowerCase(Locale.ROOT)));
            row.say(point.name().toLowerCase(Locale.ROOT).replace('_', ' ') + ": the twin is caught");
        }
        int count = Point.values().length;
        return count + " points, nothing forbidden seen; " + count + " of " + count + " twins caught";
    }

    /** A twin goes wrong by chance: it is tried some times. */
    private static void catches(Point point, Path folder) throws InterruptedException {
        Path twin = point.twin().compile(folder);
        for (int i = 0; i < TWIN_TRIES; i++) {
            Child child = start(folder, Optional.of(twin), name(point.test), TWIN_MILLIS << Math.min(i, 2));
            child.status(MOST_SECONDS);
            if (child.lines().stream().anyMatch(line -> line.contains("FORBIDDEN") || line.contains("Forbidden"))) {
                return;
            }
        }
        throw new AssertionError("the twin is not caught: " + point + ", " + folder.resolve("log"));
    }

    private static String name(Class<?> test) {
        return test.getCanonicalName().replace(".", "\\.") + "$";
    }

    private static Child start(Path folder, Optional<Path> overlay, String tests, int millis) {
        return Child.start(folder, overlay, List.of(
                "-Xmx256m",
                "org.openjdk.jcstress.Main",
                "-t",
                tests,
                "-f",
                "1",
                "-iters",
                "1",
                "-time",
                Integer.toString(millis),
                "-sc",
                "false",
                "-jvmArgs",
                "-Xmx256m"));
    }
}
