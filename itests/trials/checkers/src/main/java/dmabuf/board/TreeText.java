// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * Makes flattened device trees, right and wrong, of lines: {@code +name} begins a node, {@code -} ends one,
 * {@code name=12,ff} is a property of cells, {@code name:text} one of strings, which a | parts. So a fuzzer that changes a
 * letter gets another tree, not only another broken one.
 */
final class TreeText {
    private static final int HEADER = 40;

    private final ByteArrayOutputStream structure = new ByteArrayOutputStream();
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
    private final Map<String, Integer> names = new HashMap<>();
    private int depth;

    private TreeText() {}

    /** Returns the blob of a text. Nodes that it leaves open are closed. */
    static byte[] blob(byte[] text) {
        TreeText tree = new TreeText();
        tree.begin("");
        new String(text, StandardCharsets.ISO_8859_1).lines().forEach(tree::line);
        while (tree.depth > 0) {
            tree.end();
        }
        tree.cell(9);
        return tree.blob();
    }

    private void line(String line) {
        int sign = line.indexOf('=');
        int colon = line.indexOf(':');
        if (line.startsWith("+")) {
            begin(line.substring(1));
        } else if (line.equals("-") && depth > 1) {
            end();
        } else if (sign > 0) {
            property(line.substring(0, sign), cells(line.substring(sign + 1)));
        } else if (colon > 0) {
            property(line.substring(0, colon), strings(line.substring(colon + 1)));
        } else {
            property(line, new byte[0]);
        }
    }

    private void begin(String name) {
        depth++;
        cell(1);
        padded((name + "\0").getBytes(StandardCharsets.ISO_8859_1));
    }

    private void end() {
        depth--;
        cell(2);
    }

    private void property(String name, byte[] value) {
        cell(3);
        cell(value.length);
        cell(names.computeIfAbsent(name, this::intern));
        padded(value);
    }

    private int intern(String name) {
        int offset = strings.size();
        strings.writeBytes((name + "\0").getBytes(StandardCharsets.ISO_8859_1));
        return offset;
    }

    private static byte[] cells(String text) {
        String[] cells = text.isEmpty() ? new String[0] : text.split(",", -1);
        ByteBuffer value = ByteBuffer.allocate(cells.length * Integer.BYTES);
        for (String cell : cells) {
            value.putInt(cell(cell));
        }
        return value.array();
    }

    /** What is no number is some number, too. */
    private static int cell(String text) {
        try {
            return Integer.parseUnsignedInt(text, 16);
        } catch (NumberFormatException e) {
            return text.hashCode();
        }
    }

    private static byte[] strings(String text) {
        return (text.replace('|', '\0') + "\0").getBytes(StandardCharsets.ISO_8859_1);
    }

    private void cell(int cell) {
        structure.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(cell).array());
    }

    private void padded(byte[] bytes) {
        structure.writeBytes(bytes);
        structure.writeBytes(new byte[-bytes.length & 3]);
    }

    private byte[] blob() {
        int start = HEADER + 2 * Long.BYTES;
        ByteBuffer blob = ByteBuffer.allocate(start + structure.size() + strings.size());
        blob.putInt(0xd00dfeed).putInt(blob.capacity()).putInt(start).putInt(start + structure.size());
        blob.putInt(HEADER).putInt(17).putInt(16).putInt(0).putInt(strings.size()).putInt(structure.size());
        blob.putLong(0).putLong(0).put(structure.toByteArray()).put(strings.toByteArray());
        return blob.array();
    }
}
