// SPDX-License-Identifier: Apache-2.0
package trials;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The open files of processes. */
public final class Descriptors {
    private static final Path PROCESSES = Path.of("/proc");
    private static final Pattern NUMBER = Pattern.compile("[0-9]+");

    private Descriptors() {}

    /** Returns what each descriptor of this process stands for; one that is closed meanwhile, as that of the listing itself, is left out. */
    public static List<String> all() {
        try {
            return of(PROCESSES.resolve("self/fd"));
        } catch (IOException e) {
            throw new AssertionError("/proc/self/fd is readable", e);
        }
    }

    private static List<String> of(Path folder) throws IOException {
        List<String> targets = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(folder)) {
            for (Path descriptor : descriptors.toList()) {
                try {
                    targets.add(Files.readSymbolicLink(descriptor).toString());
                } catch (IOException closedMeanwhile) {
                    // It was open while the folder was read.
                }
            }
        }
        return targets;
    }

    /** Returns those of this process that stand for the memory of buffers. */
    public static List<String> memories() {
        return all().stream().filter(Descriptors::isMemory).toList();
    }

    /** Returns those of all processes that stand for the memory of buffers with a name; processes that may not be looked at are left out. */
    static List<String> memoriesAnywhere(String name) {
        return processes().stream()
                .flatMap(process -> visible(process).stream())
                .filter(target -> isMemory(target) && target.contains(name))
                .toList();
    }

    private static boolean isMemory(String target) {
        return target.startsWith("/memfd:") || target.startsWith("/dmabuf:");
    }

    private static List<Path> processes() {
        try (Stream<Path> entries = Files.list(PROCESSES)) {
            return entries.filter(entry -> NUMBER.matcher(entry.getFileName().toString()).matches()).toList();
        } catch (IOException e) {
            throw new AssertionError("/proc is readable", e);
        }
    }

    private static List<String> visible(Path process) {
        try {
            return of(process.resolve("fd"));
        } catch (IOException | UncheckedIOException endedOrNotPermitted) {
            return List.of();
        }
    }
}
