// SPDX-License-Identifier: Apache-2.0
package itests.lab.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What the kernel knows of dma-bufs: debugfs dma_buf/bufinfo and /proc/self/fdinfo. Needs root and debugfs. */
public final class KernelBuffers {
    private static final Path BUFINFO = Path.of("/sys/kernel/debug/dma_buf/bufinfo");
    private static final Pattern TOTAL = Pattern.compile("Total (\\d+) objects, (\\d+) bytes");

    private KernelBuffers() {}

    /**
     * All dma-bufs of the machine.
     *
     * @param buffers how many
     * @param bytes their sizes together
     */
    public record Total(int buffers, long bytes) {}

    /** Returns what there is. */
    public static Total total() {
        Matcher matcher = TOTAL.matcher(text(BUFINFO));
        if (!matcher.find()) {
            throw new IllegalStateException(BUFINFO + " has no total");
        }
        return new Total(Integer.parseInt(matcher.group(1)), Long.parseLong(matcher.group(2)));
    }

    /** Returns the devices that the kernel has attached to the dma-buf of a descriptor of this process. */
    public static List<String> attached(int descriptor) {
        String inode = String.format("%08d", inode(descriptor));
        String text = text(BUFINFO);
        Matcher matcher = Pattern.compile("\\s" + inode + "\\s.*\\R(?:\\s*(?:write|read) fence.*\\R)*\\tAttached Devices:\\R((?:\\t.*\\R)*)")
                .matcher(text);
        return matcher.find() ? matcher.group(1).lines().map(String::strip).toList() : List.of();
    }

    private static long inode(int descriptor) {
        try {
            return (Long) Files.getAttribute(Path.of("/proc/self/fd/" + descriptor), "unix:ino");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns a value of the descriptor's fdinfo, such as exp_name, name or count; empty when it has none. */
    public static String info(int descriptor, String key) {
        return text(Path.of("/proc/self/fdinfo/" + descriptor))
                .lines()
                .filter(line -> line.startsWith(key + ":"))
                .map(line -> line.substring(key.length() + 1).strip())
                .findFirst()
                .orElse("");
    }

    /** Returns how many descriptors this process has open; the one that counts is not among them. */
    public static int descriptors() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return (int) open.count() - 1;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
