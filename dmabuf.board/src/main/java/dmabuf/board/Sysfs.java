// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files of the running kernel, below a root that tests put elsewhere. What is not there, or not for us to read, is
 * an answer, not an error: every machine lacks some of it. For any number of threads.
 */
final class Sysfs {
    private static final int MAX_BYTES = 64 << 10;

    private final Path root;

    Sysfs(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    /** Returns the entries of a directory by name; none when it cannot be read. */
    List<Path> list(Path directory) {
        try (Stream<Path> entries = Files.list(root.resolve(directory))) {
            return entries.sorted().toList();
        } catch (IOException | UncheckedIOException unreadable) {
            return List.of();
        }
    }

    /** Returns the text of a file without blanks around it, or empty when it cannot be read. */
    Optional<String> text(Path file) {
        try (var in = Files.newInputStream(root.resolve(file))) {
            return Optional.of(new String(in.readNBytes(MAX_BYTES), StandardCharsets.UTF_8).strip());
        } catch (IOException unreadable) {
            return Optional.empty();
        }
    }

    /** Returns whether a file, or what a link points at, is there. */
    boolean exists(Path file) {
        return Files.exists(root.resolve(file));
    }

    /** Returns where a link leads; the file itself when it leads nowhere. */
    Path real(Path file) {
        try {
            return root.resolve(file).toRealPath();
        } catch (IOException gone) {
            return root.resolve(file);
        }
    }

    /** Returns the name of a file as the machine has it: absolute, without our root. */
    String name(Path file) {
        Path real = real(root);
        return file.startsWith(real) ? "/" + real.relativize(file) : file.toString();
    }
}
