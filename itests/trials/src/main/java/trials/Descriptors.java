// SPDX-License-Identifier: Apache-2.0
package trials;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The open files of this process. */
public final class Descriptors {
    private static final Path OPEN = Path.of("/proc/self/fd");

    private Descriptors() {}

    /** Returns what each descriptor stands for; one that is closed meanwhile, as that of the listing itself, is left out. */
    public static List<String> all() {
        List<String> targets = new ArrayList<>();
        try (Stream<Path> descriptors = Files.list(OPEN)) {
            for (Path descriptor : descriptors.toList()) {
                try {
                    targets.add(Files.readSymbolicLink(descriptor).toString());
                } catch (IOException closedMeanwhile) {
                    // It was open while the folder was read.
                }
            }
        } catch (IOException e) {
            throw new AssertionError("/proc/self/fd is readable", e);
        }
        return targets;
    }

    /** Returns those that stand for the memory of buffers. */
    public static List<String> memories() {
        return all().stream().filter(target -> target.startsWith("/memfd:") || target.startsWith("/dmabuf:")).toList();
    }
}
