// SPDX-License-Identifier: Apache-2.0
package trials;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Builds a flattened device tree (Devicetree Specification v0.4, chapter 5), so that the project carries no binaries.
 * The properties of a node come before the nodes in it.
 */
public final class TreeBlob {
    private static final int HEADER_BYTES = 40;
    private static final int BEGIN_NODE = 1;
    private static final int END_NODE = 2;
    private static final int PROPERTY = 3;
    private static final int END = 9;

    private final ByteArrayOutputStream structure = new ByteArrayOutputStream();
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
    private final Map<String, Integer> names = new LinkedHashMap<>();

    private TreeBlob() {}

    /** Returns the blob of a tree; addresses and sizes have two cells. */
    public static byte[] of(String model, UnaryOperator<TreeBlob> inside) {
        TreeBlob tree = new TreeBlob();
        return tree.node("", root -> inside.apply(
                        root.text("model", model).cells("#address-cells", 2).cells("#size-cells", 2)))
                .blob();
    }

    /** Returns a tree that states RAM and no devices. */
    public static byte[] ofRam(String model, long base, long byteSize) {
        return of(model, root -> root.memory(base, byteSize));
    }

    public TreeBlob node(String name, UnaryOperator<TreeBlob> inside) {
        cell(BEGIN_NODE).padded(terminated(name));
        return inside.apply(this).cell(END_NODE);
    }

    public TreeBlob memory(long base, long byteSize) {
        return node("memory@" + Long.toHexString(base), node -> node.text("device_type", "memory").reg(base, byteSize));
    }

    public TreeBlob reg(long base, long byteSize) {
        return property("reg", ByteBuffer.allocate(2 * Long.BYTES).putLong(base).putLong(byteSize).array());
    }

    public TreeBlob text(String name, String... values) {
        return property(name, terminated(String.join("\0", values)));
    }

    public TreeBlob cells(String name, int... cells) {
        ByteBuffer value = ByteBuffer.allocate(cells.length * Integer.BYTES);
        for (int cell : cells) value.putInt(cell);
        return property(name, value.array());
    }

    public TreeBlob flag(String name) {
        return property(name);
    }

    private TreeBlob property(String name, byte... value) {
        return cell(PROPERTY).cell(value.length).cell(names.computeIfAbsent(name, this::intern)).padded(value);
    }

    private int intern(String name) {
        int offset = strings.size();
        strings.writeBytes(terminated(name));
        return offset;
    }

    private TreeBlob cell(int cell) {
        structure.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(cell).array());
        return this;
    }

    private TreeBlob padded(byte[] bytes) {
        structure.writeBytes(bytes);
        structure.writeBytes(new byte[-bytes.length & (Integer.BYTES - 1)]);
        return this;
    }

    private static byte[] terminated(String text) {
        return (text + "\0").getBytes(StandardCharsets.UTF_8);
    }

    private byte[] blob() {
        cell(END);
        int reservations = 2 * Long.BYTES;
        int structureStart = HEADER_BYTES + reservations;
        int stringsStart = structureStart + structure.size();
        ByteBuffer blob = ByteBuffer.allocate(stringsStart + strings.size());
        blob.putInt(0xd00dfeed).putInt(blob.capacity()).putInt(structureStart).putInt(stringsStart);
        blob.putInt(HEADER_BYTES).putInt(17).putInt(16).putInt(0).putInt(strings.size()).putInt(structure.size());
        return blob.put(new byte[reservations]).put(structure.toByteArray()).put(strings.toByteArray()).array();
    }
}
