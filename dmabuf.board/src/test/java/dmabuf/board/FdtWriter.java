// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes flattened device trees, also wrong ones: it checks nothing. */
final class FdtWriter {
    static final int HEADER = 40;

    private final ByteArrayOutputStream structure = new ByteArrayOutputStream();
    private final ByteArrayOutputStream strings = new ByteArrayOutputStream();
    private final Map<String, Integer> names = new LinkedHashMap<>();
    private final List<Long> reservations = new ArrayList<>();

    FdtWriter begin(String name) {
        cell(1);
        padded((name + "\0").getBytes(StandardCharsets.ISO_8859_1));
        return this;
    }

    FdtWriter end() {
        return cell(2);
    }

    FdtWriter property(String name, byte... value) {
        cell(3);
        cell(value.length);
        cell(names.computeIfAbsent(name, this::intern));
        padded(value);
        return this;
    }

    FdtWriter cells(String name, int... cells) {
        ByteBuffer value = ByteBuffer.allocate(cells.length * Integer.BYTES);
        for (int cell : cells) {
            value.putInt(cell);
        }
        return property(name, value.array());
    }

    FdtWriter strings(String name, String... values) {
        return property(name, (String.join("\0", values) + "\0").getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a token or anything else of four bytes. */
    FdtWriter cell(int cell) {
        structure.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(cell).array());
        return this;
    }

    FdtWriter reserve(long address, long byteSize) {
        reservations.add(address);
        reservations.add(byteSize);
        return this;
    }

    /** Returns the blob: header, reservations, structure with its end token, strings. */
    byte[] blob() {
        cell(9);
        int reservationBytes = (reservations.size() + 2) * Long.BYTES;
        int structureStart = HEADER + reservationBytes;
        int stringsStart = structureStart + structure.size();
        ByteBuffer blob = ByteBuffer.allocate(stringsStart + strings.size());
        blob.putInt(0xd00dfeed).putInt(blob.capacity()).putInt(structureStart).putInt(stringsStart);
        blob.putInt(HEADER).putInt(17).putInt(16).putInt(0).putInt(strings.size()).putInt(structure.size());
        reservations.forEach(blob::putLong);
        blob.putLong(0).putLong(0).put(structure.toByteArray()).put(strings.toByteArray());
        return blob.array();
    }

    private int intern(String name) {
        int offset = strings.size();
        strings.writeBytes((name + "\0").getBytes(StandardCharsets.ISO_8859_1));
        return offset;
    }

    private void padded(byte[] bytes) {
        structure.writeBytes(bytes);
        structure.writeBytes(new byte[-bytes.length & 3]);
    }
}
