// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import dmabuf.api.Segment;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.SegmentLimits;
import doubles.Verification;
import java.util.Arrays;
import java.util.Optional;

/** The rule of placement written down a second time: every page is looked at, every table cut step by step. */
final class AllPlaces {
    private static final int PAGE = 4096;

    private AllPlaces() {}

    /** Returns the place with the fewest entries, of several the lowest. */
    static Optional<Segment> best(boolean[] free, long base, AllocationRequest request) {
        Optional<Segment> best = Optional.empty();
        long fewest = Long.MAX_VALUE;
        for (int page = 0; page < free.length; page++) {
            Segment piece = new Segment(base + (long) page * PAGE, request.storageSize());
            long entries = isValid(free, page, piece, request) ? entries(piece, request) : Long.MAX_VALUE;
            if (entries < fewest) {
                fewest = entries;
                best = Optional.of(piece);
            }
        }
        return best;
    }

    /** Returns whether a piece may lie at a page: free, in range, aligned. */
    static boolean isValid(boolean[] free, int page, Segment piece, AllocationRequest request) {
        int pages = (int) (piece.byteSize() / PAGE);
        if (page + pages > free.length || !request.constraints().addressRanges().contains(piece.range())) {
            return false;
        }
        for (int i = page; i < page + pages; i++) {
            if (!free[i]) {
                return false;
            }
        }
        return piece.address() % request.alignment() == 0
                && piece.address() % request.constraints().alignment() == 0
                && piece.address() % request.constraints().granule() == 0;
    }

    /** Returns the entries of all tables, or the largest number when one has too many. */
    static long entries(Segment piece, AllocationRequest request) {
        long sum = 0;
        for (SegmentLimits limits : request.limits()) {
            if (limits.pieceSize() == 0) {
                return Long.MAX_VALUE;
            }
            long entries = Verification.entries(piece, limits);
            if (Long.compareUnsigned(entries, limits.maxSegments()) > 0) {
                return Long.MAX_VALUE;
            }
            sum += entries;
        }
        return sum;
    }

    static void mark(boolean[] free, long base, Segment piece, boolean value) {
        int page = (int) ((piece.address() - base) / PAGE);
        Arrays.fill(free, page, page + (int) (piece.byteSize() / PAGE), value);
    }

    static long largest(boolean[] free) {
        long largest = 0;
        long run = 0;
        for (boolean page : free) {
            run = page ? run + PAGE : 0;
            largest = Math.max(largest, run);
        }
        return largest;
    }
}
