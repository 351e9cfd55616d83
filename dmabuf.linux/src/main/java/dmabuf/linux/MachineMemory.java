// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/**
 * How much memory this process may use: MemAvailable of proc(5), and the limits of its control group and of every group
 * above it, with what they use of it, in version 2 (memory.max, memory.current) and version 1 (memory.limit_in_bytes,
 * memory.usage_in_bytes). Read at each call.
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
        return smallest((group, files) -> files.limit(group));
    }

    /** Returns the least that one of these groups has left below its limit, in bytes, 0 or more. */
    OptionalLong room() {
        return smallest((group, files) -> files.room(group));
    }

    private OptionalLong smallest(BiFunction<Path, GroupFiles, OptionalLong> value) {
        List<String[]> mounts = lines(root.resolve("proc/self/mountinfo")).stream()
                .map(line -> line.split(" ", -1))
                .filter(fields -> fields.length >= 10)
                .toList();
        return lines(root.resolve("proc/self/cgroup")).stream()
                .map(line -> line.split(":", 3))
                .filter(fields -> fields.length == 3)
                .flatMapToLong(own -> mounts.stream().flatMapToLong(mount -> values(own, mount, value)))
                .min();
    }

    /** What a group says of itself: its limit, what it uses, and what of that are files that can be read again. */
    private record GroupFiles(String limit, String use, String cached) {
        static final GroupFiles SECOND = new GroupFiles("memory.max", "memory.current", "inactive_file ");
        static final GroupFiles FIRST =
                new GroupFiles("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file ");

        OptionalLong limit(Path group) {
            return value(group, limit, "");
        }

        OptionalLong room(Path group) {
            long used = value(group, use, "").orElse(0)
                    - value(group, "memory.stat", cached).orElse(0);
            return limit(group).stream()
                    .map(bytes -> Math.max(0, bytes - Math.max(0, used)))
                    .findFirst();
        }

        private static OptionalLong value(Path group, String file, String start) {
            return lines(group.resolve(file)).stream()
                    .filter(line -> line.startsWith(start))
                    .flatMapToLong(line -> number(line.substring(start.length()).strip()).stream())
                    .findFirst();
        }
    }

    /** The values on the way from the own group up to where its hierarchy is mounted; none when they do not belong. */
    private LongStream values(String[] own, String[] mount, BiFunction<Path, GroupFiles, OptionalLong> value) {
        String type = afterDash(mount, 1);
        boolean second = own[0].equals("0") && type.equals("cgroup2");
        boolean first = type.equals("cgroup")
                && hasMemory(own[1])
                && hasMemory(afterDash(mount, 3));
        if (!first && !second) {
            return LongStream.empty();
        }
        Path top = root.resolve(mount[4].substring(1));
        String below = own[2].startsWith(mount[3]) ? own[2].substring(mount[3].length()) : "";
        Path group = top.resolve(below.replaceFirst("^/+", "")).normalize();
        return Stream.iterate(group, path -> path != null && path.startsWith(top), Path::getParent)
                .flatMapToLong(path -> value.apply(path, second ? GroupFiles.SECOND : GroupFiles.FIRST).stream());
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
