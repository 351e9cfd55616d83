// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * How much memory this process may use: MemAvailable of proc(5), and the limits of its control group and of every group
 * above it, in version 2 (memory.max) and version 1 (memory.limit_in_bytes). Read at each call.
 */
final class MachineMemory {
    private final Path root;

    /** Reads below this root; {@code /} but for tests. */
    MachineMemory(Path root) {
        this.root = root;
    }

    /** Returns half of the smaller of what is available and the limit, in bytes; empty where neither can be read. */
    OptionalLong half() {
        return Stream.of(available(), limit())
                .flatMapToLong(OptionalLong::stream)
                .min()
                .stream()
                .map(bytes -> bytes / 2)
                .findFirst();
    }

    /** Returns MemAvailable in bytes. */
    OptionalLong available() {
        return lines(root.resolve("proc/meminfo")).stream()
                .filter(line -> line.startsWith("MemAvailable:"))
                .map(line -> line.replaceAll("\\D", ""))
                .flatMapToLong(digits -> number(digits).stream())
                .map(kibibytes -> kibibytes * 1024)
                .findFirst();
    }

    /** Returns the smallest limit of the own control groups and those above them, in bytes. */
    OptionalLong limit() {
        List<String[]> mounts = lines(root.resolve("proc/self/mountinfo")).stream()
                .map(line -> line.split(" ", -1))
                .filter(fields -> fields.length >= 10)
                .toList();
        return lines(root.resolve("proc/self/cgroup")).stream()
                .map(line -> line.split(":", 3))
                .filter(fields -> fields.length == 3)
                .flatMapToLong(own -> mounts.stream().flatMapToLong(mount -> limits(own, mount).stream()
                        .mapToLong(Long::longValue)))
                .min();
    }

    /** The limits on the way from the own group up to where its hierarchy is mounted; none when they do not belong. */
    private List<Long> limits(String[] own, String[] mount) {
        String type = afterDash(mount, 1);
        boolean second = own[0].equals("0") && type.equals("cgroup2");
        boolean first = type.equals("cgroup")
                && hasMemory(own[1])
                && hasMemory(afterDash(mount, 3));
        if (!first && !second) {
            return List.of();
        }
        Path top = root.resolve(mount[4].substring(1));
        String below = own[2].startsWith(mount[3]) ? own[2].substring(mount[3].length()) : "";
        String file = second ? "memory.max" : "memory.limit_in_bytes";
        List<Long> limits = new ArrayList<>();
        Path group = top.resolve(below.replaceFirst("^/+", "")).normalize();
        for (; group != null && group.startsWith(top); group = group.getParent()) {
            lines(group.resolve(file)).stream()
                    .flatMapToLong(line -> number(line.strip()).stream())
                    .forEach(limits::add);
        }
        return limits;
    }

    /** The n-th field behind the dash: type, source and options of the file system; proc_pid_mountinfo(5). */
    private static String afterDash(String[] mount, int n) {
        int dash = 6;
        while (dash < mount.length && !mount[dash].equals("-")) {
            dash++;
        }
        return dash + n < mount.length ? mount[dash + n] : "";
    }

    private static boolean hasMemory(String names) {
        return Stream.of(names.split(",", -1)).anyMatch("memory"::equals);
    }

    /** A number, or empty for a word such as {@code max}. */
    private static OptionalLong number(String text) {
        try {
            return OptionalLong.of(Long.parseLong(text));
        } catch (NumberFormatException e) {
            return OptionalLong.empty();
        }
    }

    /** The lines of a file; none where it cannot be read, which on a foreign machine is normal. */
    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            return List.of();
        }
    }
}
