// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Compiles the part of the device-tree source language that the fixtures use: nodes, labels, cells with references,
 * strings, byte strings, memory reservations, comments. So the tests need no dtc and the project no binaries.
 */
final class Dts {
    private static final Pattern BLANK = Pattern.compile("\\s+|//[^\\n]*|/\\*.*?\\*/", Pattern.DOTALL);
    private static final Pattern TOKEN =
            Pattern.compile("\"[^\"]*\"|\\[[^\\]]*\\]|/memreserve/|/dts-v1/|&?[A-Za-z0-9,._+\\-?#@:]+|[{}=;<>/]");

    private final List<String> tokens = new ArrayList<>();
    private final FdtWriter writer = new FdtWriter();
    private final Map<String, Integer> phandles = new HashMap<>();
    private int at;

    private Dts(String source) {
        Matcher blank = BLANK.matcher(source);
        Matcher token = TOKEN.matcher(source);
        int from = 0;
        while (from < source.length()) {
            if (blank.region(from, source.length()).lookingAt()) {
                from = blank.end();
            } else if (token.region(from, source.length()).lookingAt()) {
                tokens.add(token.group());
                from = token.end();
            } else {
                throw new IllegalArgumentException("no token: " + source.substring(from));
            }
        }
    }

    /** Returns the blob of a fixture by its name without the ending. */
    static byte[] fixture(String name) {
        try {
            return compile(Files.readString(Path.of("src/test/dts", name + ".dts")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Returns the tree of a source text that is only the inside of the root node. */
    static DeviceTree tree(String inside) {
        return FdtReader.read(compile("/dts-v1/; / {" + inside + "};")).tree();
    }

    /** Returns the blob of a source text. */
    static byte[] compile(String source) {
        Dts dts = new Dts(source);
        while (!dts.peek().equals("/")) {
            dts.header();
        }
        dts.node("");
        return dts.writer.blob();
    }

    private void header() {
        if (take().equals("/memreserve/")) {
            writer.reserve(number(take()), number(take()));
        }
        take(";");
    }

    private void node(String label) {
        String name = take();
        writer.begin(name.equals("/") ? "" : name);
        take("{");
        while (isProperty()) {
            property();
        }
        if (!label.isEmpty()) {
            writer.cells("phandle", phandle(label));
        }
        while (!peek().equals("}")) {
            node(peek().endsWith(":") ? take().replace(":", "") : "");
        }
        take("}");
        take(";");
        writer.end();
    }

    private boolean isProperty() {
        return !peek().equals("}") && (tokens.get(at + 1).equals("=") || tokens.get(at + 1).equals(";"));
    }

    private void property() {
        String name = take();
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        while (!peek().equals(";")) {
            take(peek().equals("=") ? "=" : ",");
            value.writeBytes(value());
        }
        take(";");
        writer.property(name, value.toByteArray());
    }

    private byte[] value() {
        String token = take();
        if (token.startsWith("\"")) {
            return (token.substring(1, token.length() - 1) + "\0").getBytes(StandardCharsets.UTF_8);
        }
        if (token.startsWith("[")) {
            return HexFormat.of().parseHex(token.replaceAll("[\\[\\]\\s]", ""));
        }
        ByteArrayOutputStream cells = new ByteArrayOutputStream();
        for (String cell = take(); !cell.equals(">"); cell = take()) {
            int number = cell.startsWith("&") ? phandle(cell.substring(1)) : (int) number(cell);
            cells.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
        }
        return cells.toByteArray();
    }

    private int phandle(String label) {
        return phandles.computeIfAbsent(label, fresh -> phandles.size() + 1);
    }

    private static long number(String word) {
        return word.startsWith("0x") ? Long.parseUnsignedLong(word, 2, word.length(), 16) : Long.parseLong(word);
    }

    private String peek() {
        return tokens.get(at);
    }

    private String take() {
        return tokens.get(at++);
    }

    private void take(String wanted) {
        String token = take();
        if (!token.equals(wanted)) {
            throw new IllegalArgumentException("'" + wanted + "' expected, not '" + token + "', at token " + at);
        }
    }
}
