// SPDX-License-Identifier: Apache-2.0
package checkers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Turns what a run of the fuzzers found into the small files of inputs that are kept. */
final class Keeping {
    private static final int MOST_INPUTS = 200;
    private static final int LONGEST = 512;
    private static final long SECONDS = 300;

    private Keeping() {}

    static String keep() throws IOException, InterruptedException {
        int kept = 0;
        for (Target target : Target.values()) {
            kept += keep(target);
        }
        return kept + " inputs are kept";
    }

    /** Jazzer chooses, of what was kept and what was found, inputs that reach all that these reach. */
    private static int keep(Target target) throws IOException, InterruptedException {
        Path folder = Places.MODULE.resolve("target/fuzz").resolve(target.title);
        Path merged = Places.fresh("keep/" + target.title);
        Path chosen = Files.createDirectories(merged.resolve("chosen"));
        Child child = Child.start(merged, Optional.empty(), Fuzzing.jazzer(target, List.of(
                "-merge=1", chosen.toString(), folder.resolve("kept").toString(), folder.resolve("found").toString())));
        if (child.status(SECONDS) != 0) {
            child.tell();
            throw new AssertionError("merging failed: " + merged);
        }
        List<byte[]> inputs = Corpus.pack(chosen).stream()
                .filter(input -> input.length <= LONGEST)
                .sorted(Comparator.comparingInt(input -> input.length))
                .limit(MOST_INPUTS)
                .toList();
        Corpus.write(target.corpus(), inputs);
        return inputs.size();
    }
}
