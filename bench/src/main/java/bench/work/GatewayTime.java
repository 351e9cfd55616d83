// SPDX-License-Identifier: Apache-2.0
package bench.work;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;

/**
 * The time of a command of the gateway over many files, in nanoseconds for each file: {@code -Dcommand}, {@code -Dfiles} a
 * folder, {@code -Dsuffix} of those to take, {@code -Dcount} of them, the same ones again and again where there are fewer.
 */
final class GatewayTime implements Gauge {
    private final List<String> command;
    private final int count;

    private GatewayTime(List<Path> files) {
        count = Input.count("count", 64);
        command = new ArrayList<>(List.of(
                Input.text("bench.root", ".") + "/cnf/target/gateway/gateway", Input.text("command", "board")));
        for (int i = 0; i < count; i++) {
            command.add(files.get(i % files.size()).toString());
        }
    }

    public static void main(String[] words) throws Exception {
        List<Path> files = files(Path.of(Input.text("files", ".")));
        if (files.isEmpty()) {
            Gauge.skip("no " + Input.text("suffix", "") + " below " + Input.text("files", "") + ": set BENCH_TREES to a folder of them");
        } else {
            GatewayTime gauge = new GatewayTime(files);
            gauge.round();
            Gauge.serve(gauge);
        }
    }

    private static List<Path> files(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return Collections.emptyList();
        }
        try (Stream<Path> all = Files.walk(folder)) {
            return all.filter(file -> file.toString().endsWith(Input.text("suffix", ""))).sorted().toList();
        }
    }

    @Override
    public double round() throws Exception {
        long began = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (process.waitFor() != 0) {
            throw new IllegalStateException(command.subList(0, 3) + " ... ended with status " + process.exitValue());
        }
        return (double) (System.nanoTime() - began) / count;
    }
}
