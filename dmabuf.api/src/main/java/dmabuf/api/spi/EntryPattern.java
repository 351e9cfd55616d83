// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.Segment;
import java.math.BigInteger;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/**
 * How the number of entries that one device needs for a contiguous piece depends on where the piece starts. It repeats
 * with the boundary, and it knows at most four values, so that the next good start can be computed instead of searched.
 *
 * <p>Let the piece hold {@code whole} times the boundary and a rest, and let {@code room} be the bytes from its start
 * to the next boundary. What lies between whole blocks is cut at one boundary into {@code room} and what remains,
 * together {@code loose} bytes: the rest where the room is not more than that (the <em>near</em> starts), else one
 * block more (the <em>far</em> starts). Two parts take either as many entries as their sum in one piece, or one more.
 * They take no more exactly when {@code room}, modulo the largest entry, is 0 or at least the sum's remainder.
 */
final class EntryPattern {
    private final SegmentLimits limits;
    private final long byteSize;
    private final long boundary;
    private final long entrySize;
    private final long rest;
    private final Starts far;
    private final Optional<Starts> near;

    /** Starts at which the number of entries is {@code fewest}, or one more where the cut is bad. */
    private record Starts(long loose, long fewest, boolean cut) {}

    private EntryPattern(SegmentLimits limits, long byteSize) {
        this.limits = limits;
        this.byteSize = byteSize;
        this.boundary = limits.boundary();
        this.entrySize = limits.pieceSize();
        long whole = isBounded() ? Long.divideUnsigned(byteSize, boundary) : 0;
        this.rest = isBounded() ? Long.remainderUnsigned(byteSize, boundary) : byteSize;
        this.far = whole == 0
                ? new Starts(byteSize, entries(byteSize), false)
                : starts(boundary + rest, whole - 1);
        this.near = isBounded() && rest != 0 ? Optional.of(starts(rest, whole)) : Optional.empty();
    }

    /** Returns the pattern of a device whose {@link SegmentLimits#pieceSize()} is not 0. */
    static EntryPattern of(SegmentLimits limits, long byteSize) {
        return new EntryPattern(limits, byteSize);
    }

    private boolean isBounded() {
        return boundary != SegmentLimits.UNLIMITED;
    }

    private long entries(long bytes) {
        return Long.divideUnsigned(bytes - 1, entrySize) + 1;
    }

    private Starts starts(long loose, long wholeBlocks) {
        return new Starts(loose, wholeBlocks * entries(boundary) + entries(loose), true);
    }

    /** Returns the numbers of entries that may occur and that the device permits, ascending. */
    long[] permitted() {
        return LongStream.concat(counts(far), near.stream().flatMapToLong(EntryPattern::counts))
                .filter(count -> Long.compareUnsigned(count, limits.maxSegments()) <= 0)
                .boxed()
                .sorted(Long::compareUnsigned)
                .distinct()
                .mapToLong(Long::longValue)
                .toArray();
    }

    private static LongStream counts(Starts starts) {
        return starts.cut ? LongStream.of(starts.fewest, starts.fewest + 1) : LongStream.of(starts.fewest);
    }

    long count(long start) {
        return limits.count(new Segment(start, byteSize));
    }

    /**
     * Returns the lowest start, not below the given one, at which the piece takes at most so many entries.
     *
     * @param start a multiple of the step
     * @param step a power of two, at least the device's unit; starts are multiples of it
     */
    OptionalLong next(long start, long step, long most) {
        long offset = isBounded() ? start & (boundary - 1) : 0;
        OptionalLong here = within(offset, step, most);
        if (here.isPresent()) {
            return OptionalLong.of(start - offset + here.getAsLong());
        }
        long block = start - offset + boundary;
        boolean isLast = !isBounded() || Long.compareUnsigned(step, boundary) >= 0
                || Long.compareUnsigned(block, start) <= 0;
        OptionalLong there = isLast ? OptionalLong.empty() : within(0, step, most);
        return there.isPresent() ? OptionalLong.of(block + there.getAsLong()) : there;
    }

    /** Returns the lowest offset into a block of the boundary, not below the given one. */
    private OptionalLong within(long offset, long step, long most) {
        if (!isBounded()) {
            return Long.compareUnsigned(far.fewest, most) <= 0 ? OptionalLong.of(offset) : OptionalLong.empty();
        }
        long firstNear = boundary - rest;
        OptionalLong found = among(far, offset, firstNear - 1, step, most);
        if (found.isPresent() || near.isEmpty()) {
            return found;
        }
        long from = Long.compareUnsigned(offset, firstNear) >= 0 ? offset : (firstNear + step - 1) & -step;
        return among(near.get(), from, boundary - 1, step, most);
    }

    private OptionalLong among(Starts starts, long first, long last, long step, long most) {
        boolean isOut = Long.compareUnsigned(first, last) > 0 || Long.compareUnsigned(starts.fewest, most) > 0;
        if (isOut) {
            return OptionalLong.empty();
        }
        return !starts.cut || Long.compareUnsigned(starts.fewest, most) < 0
                ? OptionalLong.of(first)
                : wellCut(starts, first, last, step);
    }

    /** Moves on from {@code first} by steps until the room to the boundary makes for a cut that costs no entry. */
    private OptionalLong wellCut(Starts starts, long first, long last, long step) {
        long over = Long.remainderUnsigned(starts.loose, entrySize);
        long slack = over == 0 ? 0 : entrySize - over;
        long room = Long.remainderUnsigned(boundary - first, entrySize);
        long distance = room == 0 ? 0 : entrySize - room;
        if (Long.compareUnsigned(distance, slack) <= 0) {
            return OptionalLong.of(first);
        }
        long least = entrySize - distance;
        OptionalLong steps = entrySize > 0 && entrySize <= Integer.MAX_VALUE
                ? multiple(Long.remainderUnsigned(step, entrySize), entrySize, least, least + slack)
                : multiple(unsigned(step), unsigned(entrySize), unsigned(least), unsigned(least).add(unsigned(slack)));
        boolean isOut = steps.isEmpty()
                || Long.compareUnsigned(steps.getAsLong(), Long.divideUnsigned(last - first, step)) > 0;
        return isOut ? OptionalLong.empty() : OptionalLong.of(first + steps.getAsLong() * step);
    }

    /**
     * Returns the smallest k with {@code low <= k * factor mod modulus <= high}, where {@code factor < modulus} and
     * {@code 0 < low <= high < modulus}; all below 2^31, as for any real device. When no multiple of the factor lies in
     * the interval itself, the multiples of the modulus that must be taken away are found in the same way, modulo the
     * factor: Euclid's algorithm.
     */
    private static OptionalLong multiple(long factor, long modulus, long low, long high) {
        if (factor == 0) {
            return OptionalLong.empty();
        }
        long direct = (low + factor - 1) / factor;
        if (direct * factor <= high) {
            return OptionalLong.of(direct);
        }
        OptionalLong turns =
                multiple(modulus % factor, factor, Math.floorMod(-high, factor), Math.floorMod(-low, factor));
        return turns.isEmpty()
                ? turns
                : OptionalLong.of((low + turns.getAsLong() * modulus + factor - 1) / factor);
    }

    /** Does the same in numbers of any size. */
    private static OptionalLong multiple(BigInteger step, BigInteger modulus, BigInteger low, BigInteger high) {
        BigInteger factor = step.mod(modulus);
        if (factor.signum() == 0) {
            return OptionalLong.empty();
        }
        BigInteger direct = ceilDiv(low, factor);
        if (direct.multiply(factor).compareTo(high) <= 0) {
            return OptionalLong.of(direct.longValue());
        }
        OptionalLong turns = multiple(modulus, factor, high.negate().mod(factor), low.negate().mod(factor));
        return turns.isEmpty()
                ? turns
                : OptionalLong.of(ceilDiv(
                                low.add(unsigned(turns.getAsLong()).multiply(modulus)), factor)
                        .longValue());
    }

    private static BigInteger ceilDiv(BigInteger dividend, BigInteger divisor) {
        return dividend.add(divisor).subtract(BigInteger.ONE).divide(divisor);
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }
}
