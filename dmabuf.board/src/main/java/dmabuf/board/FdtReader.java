// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.AddressRange;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads a flattened device tree. Sizes are checked before anything is allocated, nothing recurses, and every step
 * moves on, so that any bytes whatsoever give a tree or the one error ({@link BrokenTree}) in bounded time and space.
 *
 * <p>Source of the format: Devicetree Specification v0.4, chapter 5.
 */
final class FdtReader {
    private static final int BEGIN_NODE = 1;
    private static final int END_NODE = 2;
    private static final int PROPERTY = 3;
    private static final int NOP = 4;
    private static final int END = 9;
    private static final int MAX_RESERVATIONS = 1024;

    private final ByteBuffer blob;
    private final FdtHeader header;
    private final TreeBuilder builder = new TreeBuilder();
    private final Map<Integer, String> propertyNames = new HashMap<>();
    private int at;

    private FdtReader(byte[] bytes) {
        this.header = FdtHeader.of(bytes);
        this.blob = ByteBuffer.wrap(bytes, 0, header.totalSize());
        this.at = header.structure().start();
    }

    /**
     * Reads a tree.
     *
     * @param bytes the blob; what follows its own size is ignored; not written to afterwards
     * @throws dmabuf.api.DmaBufException INVALID when it is no flattened device tree; the message has the offset
     */
    static TreeImage read(byte[] bytes) {
        FdtReader reader = new FdtReader(bytes);
        return new TreeImage(reader.tree(), reader.reservations());
    }

    private DeviceTree tree() {
        int token = next();
        while (token != END) {
            step(token);
            token = next();
        }
        return builder.build(new Place.Offset(at - Integer.BYTES));
    }

    private void step(int token) {
        int start = at - Integer.BYTES;
        switch (token) {
            case BEGIN_NODE -> {
                String name = name(at, header.structure(), "node");
                at = aligned(at + name.length() + 1);
                builder.begin(name, new Place.Offset(start));
            }
            case END_NODE -> builder.end(new Place.Offset(start));
            case PROPERTY -> property(start);
            case NOP -> {}
            default -> throw BrokenTree.at(start, "unknown token 0x" + Integer.toHexString(token));
        }
    }

    private void property(int start) {
        int length = next();
        int nameOffset = next();
        if (length < 0 || length > header.structure().end() - at) {
            throw BrokenTree.at(
                    start, "a property of " + Integer.toUnsignedString(length) + " bytes reaches beyond the structure");
        }
        String name = propertyNames.computeIfAbsent(nameOffset, offset -> propertyName(offset, start));
        builder.property(name, blob.slice(at, length), new Place.Offset(start));
        at = aligned(at + length);
    }

    private String propertyName(int offset, int start) {
        FdtHeader.Block strings = header.strings();
        if (offset < 0 || offset >= strings.size()) {
            throw BrokenTree.at(
                    start,
                    "the name of a property at 0x" + Integer.toHexString(offset) + " of a string block of "
                            + strings.size() + " bytes");
        }
        return name(strings.start() + offset, strings, "property");
    }

    /** Returns the next cell of the structure and moves behind it. */
    private int next() {
        if (at > header.structure().end() - Integer.BYTES) {
            throw BrokenTree.at(at, "the structure ends without its end token");
        }
        int cell = blob.getInt(at);
        at += Integer.BYTES;
        return cell;
    }

    /** Reads a string that ends in NUL within a block and within the legal length; the builder checks the letters. */
    private String name(int start, FdtHeader.Block block, String kind) {
        int limit = Math.min(block.end(), start + TreeBuilder.MAX_NAME + 1);
        for (int end = start; end < limit; end++) {
            if (blob.get(end) == 0) {
                return new String(blob.array(), start, end - start, StandardCharsets.ISO_8859_1);
            }
        }
        throw BrokenTree.at(start, "the name of a " + kind + " does not end within " + (limit - start) + " bytes");
    }

    private static int aligned(int offset) {
        return offset + 3 & ~3;
    }

    private List<AddressRange> reservations() {
        List<AddressRange> reservations = new ArrayList<>();
        int end = header.totalSize() - 2 * Long.BYTES;
        for (int entry = header.reservations(); ; entry += 2 * Long.BYTES) {
            if (entry > end || reservations.size() > MAX_RESERVATIONS) {
                throw BrokenTree.at(entry, "the memory reservations do not end");
            }
            long address = blob.getLong(entry);
            long size = blob.getLong(entry + Long.BYTES);
            if (address == 0 && size == 0) {
                return reservations;
            }
            if (size != 0) {
                reservations.add(reservation(address, size, entry));
            }
        }
    }

    private static AddressRange reservation(long address, long size, int entry) {
        if (Long.compareUnsigned(address + size - 1, address) < 0) {
            throw BrokenTree.at(entry, "a memory reservation that ends beyond 2^64");
        }
        return AddressRange.ofSize(address, size);
    }
}
