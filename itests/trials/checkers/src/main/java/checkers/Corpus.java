// SPDX-License-Identifier: Apache-2.0
package checkers;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Inputs that are kept, as text: a line each, with {@code \n} for a new line, two backslashes for one, and {@code \xHH} for
 * whatever is not a printable letter. A line that begins with # is a comment.
 */
final class Corpus {
    private static final HexFormat HEX = HexFormat.of();

    private Corpus() {}

    /** Reads a file of inputs. */
    static List<byte[]> read(Path file) throws IOException {
        return Files.readAllLines(file, StandardCharsets.US_ASCII).stream()
                .filter(line -> !line.startsWith("#"))
                .map(Corpus::bytes)
                .toList();
    }

    /** Writes a file of inputs, the shortest first, under the comments that it has. */
    static void write(Path file, List<byte[]> inputs) throws IOException {
        List<String> lines = new ArrayList<>(Files.readAllLines(file, StandardCharsets.US_ASCII).stream()
                .takeWhile(line -> line.startsWith("#"))
                .toList());
        Comparator<byte[]> shortest = Comparator.comparingInt(input -> input.length);
        inputs.stream().sorted(shortest.thenComparing(Arrays::compareUnsigned)).map(Corpus::line).forEach(lines::add);
        Files.write(file, lines, StandardCharsets.US_ASCII);
    }

    /** Puts inputs into a folder, as Jazzer reads them. */
    static void unpack(List<byte[]> inputs, Path folder) throws IOException {
        Files.createDirectories(folder);
        for (int i = 0; i < inputs.size(); i++) {
            Files.write(folder.resolve("kept-" + i), inputs.get(i));
        }
    }

    /** Returns the inputs of a folder. */
    static List<byte[]> pack(Path folder) throws IOException {
        List<byte[]> inputs = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                inputs.add(Files.readAllBytes(file));
            }
        }
        return inputs;
    }

    /** Returns an input as a line. */
    static String line(byte[] input) {
        String line = new String(input, StandardCharsets.ISO_8859_1).chars().mapToObj(Corpus::letter).collect(Collectors.joining());
        return line.startsWith("#") ? "\\x23" + line.substring(1) : line;
    }

    private static String letter(int value) {
        return switch (value) {
            case '\n' -> "\\n";
            case '\\' -> "\\\\";
            default -> value >= ' ' && value < 0x7f ? Character.toString(value) : "\\x" + HEX.toHexDigits((byte) value);
        };
    }

    private static byte[] bytes(String line) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < line.length(); i++) {
            char letter = line.charAt(i);
            if (letter != '\\') {
                bytes.write(letter);
            } else if (line.charAt(++i) == 'x') {
                bytes.write(HexFormat.fromHexDigits(line, i + 1, i + 3));
                i += 2;
            } else {
                bytes.write(line.charAt(i) == 'n' ? '\n' : '\\');
            }
        }
        return bytes.toByteArray();
    }
}
