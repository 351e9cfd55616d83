// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import java.nio.ByteBuffer;

/**
 * The header of a flattened device tree, checked: its blocks lie inside the blob.
 *
 * <p>Source: Devicetree Specification v0.4, section 5.2; versions 16 and 17 differ only in the last field.
 *
 * @param totalSize bytes of the whole blob
 * @param reservations offset of the memory reservation block, in bytes
 * @param structure the structure block
 * @param strings the strings block
 */
record FdtHeader(int totalSize, int reservations, Block structure, Block strings) {
    /** Bytes of the largest tree that is read: twice what Linux takes on arm64 (MAX_FDT_SIZE, 2 MiB). */
    static final int MAX_BYTES = 4 << 20;

    static final int MAGIC = 0xd00dfeed;
    static final int BYTES = 40;

    private static final int OLDEST = 16;
    private static final int NEWEST = 17;
    private static final int TOTAL_SIZE = 4;
    private static final int STRUCTURE = 8;
    private static final int STRINGS = 12;
    private static final int RESERVATIONS = 16;
    private static final int VERSION = 20;
    private static final int LAST_COMPATIBLE = 24;
    private static final int STRINGS_SIZE = 32;
    private static final int STRUCTURE_SIZE = 36;

    /** Reads and checks the header; INVALID, with the offset, when it is none. */
    static FdtHeader of(byte[] bytes) {
        if (bytes.length < BYTES) {
            throw BrokenTree.at(bytes.length, "the header is cut off: " + bytes.length + " of " + BYTES + " bytes");
        }
        ByteBuffer blob = ByteBuffer.wrap(bytes);
        if (blob.getInt(0) != MAGIC) {
            throw BrokenTree.at(0, "the magic number is 0x" + Integer.toHexString(blob.getInt(0)) + ", not 0xd00dfeed");
        }
        int version = version(blob);
        int total = totalSize(blob);
        int reservations = offset(blob, RESERVATIONS, Long.BYTES, total);
        int structure = offset(blob, STRUCTURE, Integer.BYTES, total);
        int strings = offset(blob, STRINGS, 1, total);
        int structureSize =
                version < NEWEST ? total - structure & -Integer.BYTES : size(blob, STRUCTURE_SIZE, structure, total);
        return new FdtHeader(
                total,
                reservations,
                new Block(structure, structureSize),
                new Block(strings, size(blob, STRINGS_SIZE, strings, total)));
    }

    private static int version(ByteBuffer blob) {
        int version = blob.getInt(VERSION);
        int lastCompatible = blob.getInt(LAST_COMPATIBLE);
        if (Integer.compareUnsigned(version, OLDEST) < 0) {
            throw BrokenTree.at(VERSION, "version " + version + " is older than " + OLDEST);
        }
        if (Integer.compareUnsigned(lastCompatible, Math.min(version, NEWEST)) > 0) {
            throw BrokenTree.at(
                    LAST_COMPATIBLE,
                    "made for readers of version " + Integer.toUnsignedString(lastCompatible) + "; this one reads "
                            + NEWEST);
        }
        return Math.clamp(Integer.toUnsignedLong(version), OLDEST, NEWEST);
    }

    private static int totalSize(ByteBuffer blob) {
        long total = Integer.toUnsignedLong(blob.getInt(TOTAL_SIZE));
        if (total > MAX_BYTES) {
            throw BrokenTree.at(TOTAL_SIZE, "a size of " + total + " bytes; at most " + MAX_BYTES + " are read");
        }
        if (total < BYTES || total > blob.limit()) {
            throw BrokenTree.at(
                    TOTAL_SIZE, "the header states " + total + " bytes, the file has " + blob.limit());
        }
        return (int) total;
    }

    private static int offset(ByteBuffer blob, int field, int alignment, int total) {
        long offset = Integer.toUnsignedLong(blob.getInt(field));
        if (offset < BYTES || offset > total) {
            throw BrokenTree.at(field, "a block at 0x" + Long.toHexString(offset) + " of " + total + " bytes");
        }
        if (offset % alignment != 0) {
            throw BrokenTree.at(
                    field, "a block at 0x" + Long.toHexString(offset) + ", no multiple of " + alignment);
        }
        return (int) offset;
    }

    private static int size(ByteBuffer blob, int field, int start, int total) {
        long size = Integer.toUnsignedLong(blob.getInt(field));
        if (size > total - start) {
            throw BrokenTree.at(
                    field,
                    "a block of " + size + " bytes at 0x" + Integer.toHexString(start) + " of " + total + " bytes");
        }
        return (int) size;
    }

    /**
     * A part of the blob.
     *
     * @param start its offset, bytes
     * @param size its length, bytes
     */
    record Block(int start, int size) {
        /** Returns the offset of the first byte behind it. */
        int end() {
            return start + size;
        }
    }
}
