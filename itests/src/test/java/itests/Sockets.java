// SPDX-License-Identifier: Apache-2.0
package itests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The Internet sockets of a process, as /proc shows them. */
final class Sockets {
    private static final Pattern SOCKET = Pattern.compile("socket:\\[(\\d+)]");
    private static final int ADDRESS = 1;
    private static final int INODE = 9;

    private Sockets() {}

    /** Returns all of them, whatever their state, as the protocol and the local address in hexadecimal digits. */
    static List<String> of(long process) throws IOException {
        Path proc = Path.of("/proc", Long.toString(process));
        Set<String> inodes = inodes(proc.resolve("fd"));
        List<String> found = new ArrayList<>();
        for (String protocol : List.of("tcp", "tcp6", "udp", "udp6")) {
            Path table = proc.resolve("net").resolve(protocol);
            try (Stream<String> lines = Files.exists(table) ? Files.lines(table) : Stream.empty()) {
                lines.skip(1)
                        .map(line -> line.strip().split(" +"))
                        .filter(row -> inodes.contains(row[INODE]))
                        .forEach(row -> found.add(protocol + " " + row[ADDRESS]));
            }
        }
        return found;
    }

    private static Set<String> inodes(Path descriptors) throws IOException {
        Set<String> inodes = new HashSet<>();
        try (Stream<Path> files = Files.list(descriptors)) {
            for (Path file : files.toList()) {
                Matcher socket = SOCKET.matcher(target(file));
                if (socket.matches()) {
                    inodes.add(socket.group(1));
                }
            }
        }
        return inodes;
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }
}
