// SPDX-License-Identifier: Apache-2.0
package trials.planted;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import trials.Row;

/**
 * Plants every violation of {@link Plants}, one at a time, and runs its guard. Nothing of the tree is changed: the changed
 * source is compiled into a folder of its own that comes first on the class path.
 *
 * <p>{@code -Dtrials.root} is the project, whose modules and tests are compiled; names of violations may follow, else all
 * are planted.
 */
public final class Planted {
    private static final int AT_ONCE = 3;

    private final Path root = Path.of(System.getProperty("trials.root", ".")).toAbsolutePath().normalize();
    private final Path work;
    private final Guard guard;

    private Planted(Path work) {
        this.work = work;
        this.guard = new Guard(root, work);
    }

    /** Ends with 0 when every violation was caught, else with 1. */
    public static void main(String... names) {
        List<Plant> plants = Plants.ALL.stream()
                .filter(plant -> names.length == 0 || List.of(names).contains(plant.name()))
                .toList();
        Row.run(_ -> {
            Path work = Files.createTempDirectory("planted");
            try {
                return new Planted(work).run(plants);
            } finally {
                delete(work);
            }
        });
    }

    private String run(List<Plant> plants) throws InterruptedException, ExecutionException, IOException {
        Row.check(withoutAny(plants), "guards fail without any violation");
        int caught = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            List<Future<Boolean>> runs = new ArrayList<>();
            for (Plant plant : plants) {
                Callable<Boolean> run = () -> isCaught(plant);
                runs.add(threads.submit(run));
            }
            for (Future<Boolean> run : runs) {
                caught += run.get() ? 1 : 0;
            }
        }
        Row.check(caught == plants.size(), caught + " of " + plants.size() + " caught");
        return caught + " of " + plants.size() + " caught";
    }

    /** A guard that fails anyway guards nothing. */
    private boolean withoutAny(List<Plant> plants) throws IOException, InterruptedException {
        Map<String, List<String>> byModule = new TreeMap<>();
        boolean sound = true;
        for (Plant plant : plants) {
            if (plant.isGuardedByATest()) {
                byModule.computeIfAbsent(plant.module(), _ -> new ArrayList<>()).add(plant.guard());
            } else {
                sound &= passes(plant.module(), List.of(plant.guard()));
            }
        }
        for (Map.Entry<String, List<String>> guards : byModule.entrySet()) {
            sound &= passes(guards.getKey(), guards.getValue().stream().distinct().toList());
        }
        return sound;
    }

    private boolean passes(String module, List<String> guards) throws IOException, InterruptedException {
        Guard.Outcome outcome = guard.run(module, List.of(), guards);
        System.out.println("without any: " + (guards.size() == 1 ? guards.getFirst() : guards.size() + " guards of " + module)
                + (outcome.isPassed() ? " pass" : " DO NOT PASS, exit " + outcome.exit() + "\n" + outcome.output()));
        return outcome.isPassed();
    }

    private boolean isCaught(Plant plant) throws IOException, InterruptedException {
        Path classes = compile(plant);
        Guard.Outcome outcome = guard.run(plant.module(), List.of(classes), List.of(plant.guard()));
        String noticed = outcome.noticed();
        System.out.printf(
                "%-34s %-10s %s%s%n", plant.name(), outcome.isCaught() ? "caught" : "NOT CAUGHT", plant.guard(),
                outcome.isCaught() ? ": " + noticed.substring(0, Math.min(noticed.length(), 160)) : " " + outcome);
        return outcome.isCaught();
    }

    private Path compile(Plant plant) throws IOException {
        Path source = work.resolve(plant.key()).resolve("src").resolve(plant.source());
        Path classes = Files.createDirectories(work.resolve(plant.key()).resolve("classes"));
        Files.createDirectories(source.getParent());
        Files.writeString(source, plant.planted(root));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        String path = root.resolve(plant.module()).resolve("target/classes") + File.pathSeparator
                + System.getProperty("java.class.path");
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of("-d", classes.toString(), "-cp", path, "-proc:none", "-parameters", "-nowarn");
            if (!compiler.getTask(null, files, null, options, null, files.getJavaFileObjects(source)).call()) {
                throw new IllegalStateException("'" + plant.name() + "' does not compile");
            }
        }
        return classes;
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                all.sorted((one, two) -> two.compareTo(one)).map(Path::toFile).forEach(File::delete);
            }
        }
    }
}
