// SPDX-License-Identifier: Apache-2.0
package checkers;

import checkers.input.ConfigurationInput;
import checkers.input.ConstraintInput;
import dmabuf.board.DeviceTreeInput;
import dmabuf.core.StorageInput;
import dmabuf.shell.scenario.ScenarioInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** What is fuzzed. Each has a file of kept inputs, {@code corpus/NAME.txt}. */
enum Target {
    DEVICE_TREE("device-tree", DeviceTreeInput.class, 8192),
    SCENARIOS("scenarios", ScenarioInput.class, 2048),
    CONSTRAINTS("constraints", ConstraintInput.class, 1024),
    CONFIGURATION("configuration", ConfigurationInput.class, 1024),
    STORAGE("storage", StorageInput.class, 1024);

    final String title;
    final Class<?> input;

    /** The longest input that the fuzzer makes, in bytes. */
    final int longest;

    Target(String title, Class<?> input, int longest) {
        this.title = title;
        this.input = input;
        this.longest = longest;
    }

    /** Returns the file of what is kept. */
    Path corpus() {
        return Places.MODULE.resolve("corpus").resolve(title + ".txt");
    }

    /** Returns the inputs to begin with: those that are kept; of scenarios the shipped cases, too. */
    List<byte[]> seeds() throws IOException {
        List<byte[]> seeds = new ArrayList<>(Corpus.read(corpus()));
        if (this == SCENARIOS) {
            seeds.addAll(shippedCases());
        }
        return seeds;
    }

    private static List<byte[]> shippedCases() throws IOException {
        List<byte[]> cases = new ArrayList<>();
        Path folder = Places.ROOT.resolve("dmabuf.shell/src/main/resources/scenarios");
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                for (String text : Files.readString(file).split("(?m)^(?=case )", -1)) {
                    cases.add(text.getBytes(StandardCharsets.UTF_8));
                }
            }
        }
        return cases;
    }
}
