// SPDX-License-Identifier: Apache-2.0
package trials;

import static trials.Row.check;
import static trials.Row.number;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One storage folder and one gateway after the other on it, all under load: one is killed at a random point, also while it starts,
 * and the next must come up as if nothing had been, until SIGTERM under load ends it.
 */
final class Signals {
    private static final long BOUND_MILLIS = 5000;

    /** The bundle of the load, after which its buffers are named. */
    private static final String LOAD = "trials.stoker";

    /** Felix' Configurator writes its state in place: killed in the middle of that, it says so at the next start and works it out anew. */
    private static final String CUT_OFF = "gateway: ERROR org.apache.felix.configurator: Unable to read persisted state from state.ser: java.io.";

    private static final List<String> USUAL = List.of(
            "gateway: starting ", "trials: under load", "gateway: WARN dmabuf.core: early map: ",
            CUT_OFF);

    private final Row row;
    private final Installation installation;
    private final Path storage;
    private final HugePages hugePages;
    private long startMillis = 1000;
    private long longest;
    private int underLoad;

    private Signals(Row row, Installation installation, Path storage, HugePages hugePages) {
        this.row = row;
        this.installation = installation;
        this.storage = storage;
        this.hugePages = hugePages;
    }

    public static void main(String[] arguments) {
        Row.run(row -> {
            Path folder = Files.createTempDirectory("trials");
            try (HugePages hugePages = new HugePages()) {
                return new Signals(row, Installation.in(folder.resolve("gateway")), folder.resolve("storage"), hugePages).run(Scale.of(200));
            } finally {
                Folder.delete(folder);
            }
        });
    }

    private String run(int rounds) throws Exception {
        InsideBundle stoker = InsideBundle.of(LOAD, "Stoker");
        Files.copy(stoker.jar(), Files.createDirectories(storage.resolve("deploy")).resolve("stoker.jar"));
        String pages = hugePages.text();
        terminated();
        Set<Path> files = files();
        Random random = row.random(0);
        for (int round = 1; round <= rounds; round++) {
            killed(random);
            areBack(pages);
            terminated();
            areBack(pages);
            Set<Path> more = files();
            more.removeAll(files);
            check(more.isEmpty(), "the storage folder grows: " + more);
            if (round % 10 == 0) {
                row.say(number(round) + " rounds; exit within " + longest + " ms; " + underLoad + " were killed under load; " + pages);
            }
        }
        return number(rounds) + " each; exit within " + longest + " ms; restart clean; memory back, " + pages;
    }

    /** Runs one until SIGTERM under load. */
    private void terminated() throws Exception {
        try (Child gateway = new Child(installation, storage)) {
            long began = System.nanoTime();
            gateway.awaitLine("trials: under load; bundles that do not run: []");
            startMillis = (System.nanoTime() - began) / 1_000_000;
            Patience.until("the load has memory", () -> !Descriptors.memoriesAnywhere(LOAD).isEmpty());
            long millis = gateway.terminate();
            check(millis <= BOUND_MILLIS, "it ended " + millis + " ms after SIGTERM: " + gateway.lines());
            isClean(gateway.lines());
            longest = Math.max(longest, millis);
        }
    }

    /** Kills one at any moment from its start to some time after the load has begun. */
    private void killed(Random random) throws Exception {
        try (Child gateway = new Child(installation, storage)) {
            boolean ended = gateway.endsWithin(random.nextLong(startMillis * 3 / 2));
            check(!ended, "it ended by itself: " + gateway.lines());
            gateway.kill();
            underLoad += gateway.lines().stream().anyMatch(line -> line.startsWith("trials: under load")) ? 1 : 0;
            isClean(gateway.lines());
        }
    }

    /** What is said of itself by the start script, the JVM and the load, which attaches late; anything else is a warning or an error. */
    private static void isClean(List<String> lines) {
        List<String> others = lines.stream()
                .filter(line -> USUAL.stream().noneMatch(line::startsWith))
                .toList();
        check(others.isEmpty(), "it says: " + others);
    }

    /** Nothing of a gateway is left once its processes are gone: no memory that another process would keep, and no huge page. */
    private void areBack(String pages) throws IOException {
        Patience.until("the huge pages are back", () -> hugePages.text().equals(pages));
        List<String> memories = Descriptors.memoriesAnywhere(LOAD);
        check(memories.isEmpty(), "somebody still has " + memories);
        Path lock = storage.resolve("lock");
        long last = Long.parseLong(Files.readString(lock).strip());
        check(!Files.exists(Path.of("/proc/" + last)), "process " + last + " is still there");
    }

    private Set<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(storage)) {
            return files.filter(file -> !file.startsWith(storage.resolve("log"))).collect(Collectors.toCollection(TreeSet::new));
        }
    }
}
