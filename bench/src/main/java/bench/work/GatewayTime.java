// SPDX-License-Identifier: Apache-2.0
package bench.work;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The time of a command of the gateway over many files, in nanoseconds for each file: {@code -Dcommand}, {@code -Dfiles} a
 * folder, {@code -Dsuffix} of those to take, {@code -Dcount} of them. Of more it takes some of all kinds, of fewer the same ones
 * again and again. Each round is a gateway of its own, which has done {@code -Dwarm} files before; its start is not counted.
 */
final class GatewayTime implements Gauge {
    private static final String WARM = "files.warm";
    private static final String DONE = "files.done";

    private final Path folder;
    private final List<String> words;
    private final int count = Input.count("count", 64);

    private GatewayTime(Path folder, List<String> files, Path storage) {
        this.folder = folder;
        words = List.of(
                Path.of(Input.text("bench.root", ".")).toAbsolutePath().resolve("cnf/target/gateway/gateway").toString(),
                "--storage", storage.toString(),
                "-c", over(files, Input.count("warm", 64)) + marked(WARM) + over(files, count) + marked(DONE));
    }

    public static void main(String[] words) throws Exception {
        Path folder = Path.of(Input.text("files", "."));
        List<String> files = files(folder);
        if (files.isEmpty()) {
            Gauge.skip("no " + Input.text("suffix", "") + " below " + folder + ": set BENCH_TREES to a folder of them");
        } else {
            Path target = Path.of(Input.text("bench.root", "."), "bench/target");
            GatewayTime gauge = new GatewayTime(folder, files, Files.createTempDirectory(target, "files").toAbsolutePath());
            Gauge.serve(gauge);
        }
    }

    /** Named as from the folder: together they are one argument of a program, which has at most 128 KiB. */
    private static List<String> files(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return Collections.emptyList();
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.map(file -> folder.relativize(file).toString())
                    .filter(name -> name.endsWith(Input.text("suffix", "")))
                    .sorted()
                    .toList();
        }
    }

    private static String over(List<String> files, int count) {
        double step = Math.max(1, (double) files.size() / count);
        return IntStream.range(0, count)
                .mapToObj(i -> '"' + files.get((int) (i * step) % files.size()) + '"')
                .collect(Collectors.joining(" ", Input.text("command", "board") + " ", "\n"));
    }

    /** The shell prints what is assigned. */
    private static String marked(String sign) {
        return "mark = " + sign + "\n";
    }

    @Override
    public double round() throws Exception {
        Process process = new ProcessBuilder(words).directory(folder.toFile()).redirectErrorStream(true).start();
        try (BufferedReader output = process.inputReader()) {
            await(output, WARM);
            long began = System.nanoTime();
            await(output, DONE);
            return (double) (System.nanoTime() - began) / count;
        } finally {
            process.descendants().forEach(ProcessHandle::destroy);
            process.destroy();
            process.waitFor();
        }
    }

    private void await(BufferedReader output, String sign) throws IOException {
        String last = "";
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.equals(sign)) {
                return;
            }
            last = line;
        }
        throw new IllegalStateException(words.getFirst() + " did not come to " + sign + ", but to '" + last + "'");
    }
}
