// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import dmabuf.api.spi.AllocatorStatistics;
import org.jspecify.annotations.Nullable;

/** What a pool keeps: its addresses, which pieces are out, and the figures. Guarded by the allocator. */
final class PieceBooks {
    private final PoolSpace space;
    private final Pieces pieces = new Pieces();
    private long highWater;
    private long failed;
    private long failedByFragmentation;

    PieceBooks(AddressRange pool, Placing placing) {
        space = new PoolSpace(pool, placing);
    }

    PoolSpace space() {
        return space;
    }

    private long used() {
        return space.byteSize() - space.free();
    }

    /** Returns whether at least this many bytes are free, in however many blocks. */
    boolean holds(long bytes) {
        return Long.compareUnsigned(bytes, space.free()) <= 0;
    }

    /** Books a piece that was taken, and returns its number. */
    long open(Block piece) {
        pieces.add(piece);
        highWater = Math.max(highWater, used());
        return piece.cookie;
    }

    /** Returns the piece of a number; null when it is not out. */
    @Nullable Block find(long cookie) {
        return pieces.find(cookie);
    }

    /** Books a piece as returned; harmless when it is not out. */
    void close(long cookie) {
        Block piece = pieces.find(cookie);
        if (piece != null) {
            pieces.remove(piece);
            space.give(piece);
        }
    }

    /** Books a piece at another place, which is free or its own. */
    void move(Block piece, long address) {
        pieces.replace(piece, space.move(piece, address));
    }

    /** Returns the refusal of a request for which there is no place. It does not count before {@link #failed} is told. */
    DmaBufException refusal(long bytes, DmaConstraints devices) {
        String figures = Quantity.format(bytes) + " asked, " + Quantity.format(space.free()) + " of "
                + Quantity.format(space.byteSize()) + " free";
        return holds(bytes)
                ? new DmaBufException(
                        Reason.FRAGMENTED,
                        (figures + ", but no place in a block of at most " + Quantity.format(space.largest())
                                        + " suits the devices " + devices)
                                .strip())
                : new DmaBufException(Reason.OUT_OF_MEMORY, figures);
    }

    /** Counts a request that failed, for whatever reason. */
    void failed(Throwable why) {
        failed++;
        if (why instanceof DmaBufException refusal && refusal.reason() == Reason.FRAGMENTED) {
            failedByFragmentation++;
        }
    }

    /** Takes back one count of a request that failed by fragmentation, because it will be tried again. */
    void retried() {
        failed--;
        failedByFragmentation--;
    }

    AllocatorStatistics statistics() {
        return new AllocatorStatistics(
                pieces.size(), used(), space.free(), space.largest(), highWater, failed, failedByFragmentation);
    }
}
