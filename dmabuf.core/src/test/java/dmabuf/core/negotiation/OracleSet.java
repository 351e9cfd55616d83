// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import static dmabuf.api.ConstraintField.BOUNDARY;
import static dmabuf.api.ConstraintField.DIVISOR;
import static dmabuf.api.ConstraintField.MAX_SEGMENTS;
import static dmabuf.api.ConstraintField.MAX_SEGMENT_SIZE;
import static dmabuf.api.ConstraintField.MAX_SIZE;
import static dmabuf.api.ConstraintField.MIN_SIZE;
import static dmabuf.core.negotiation.OracleDevice.TOP;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.ConstraintField;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaConstraintsBuilder;
import java.math.BigInteger;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToLongFunction;
import java.util.stream.LongStream;

/** The oracle's devices, each on one way: the tests of contract section 3 upon them, and their combination. */
final class OracleSet {
    private final List<OracleDevice> views;
    private final long byteSize;
    private final long storage;
    private final long alignment;

    OracleSet(List<OracleDevice> views, Demand demand) {
        this.views = views;
        this.byteSize = demand.byteSize();
        this.storage = (byteSize + Card.PAGE - 1) / Card.PAGE * Card.PAGE;
        this.alignment = demand.alignment();
    }

    /** "INCOMPATIBLE: devices that cannot share this buffer" */
    boolean isIncompatible() {
        return views.stream().anyMatch(this::isRefusedAlone) || leavesNothing() || hasNoPlace();
    }

    private boolean isRefusedAlone(OracleDevice view) {
        if (byteSize < view.number(MIN_SIZE, 0) || byteSize > view.number(MAX_SIZE, TOP)) {
            return true;
        }
        long count = view.number(MAX_SEGMENTS, TOP);
        if (view.largest() == 0 || Math.min(count, storage) * view.largest() < storage) {
            return true;
        }
        List<long[]> space = view.space();
        long all = space.stream().mapToLong(part -> part[1] - part[0] + 1).sum();
        long piece = (storage + count - 1) / count;
        boolean hasPlace = space.stream().anyMatch(part -> (part[0] + view.unit() - 1) / view.unit() * view.unit()
                <= part[1] - piece + 1);
        return all < storage || !hasPlace || (!view.isDirect() && count == 1 && isTooLargeForVirtual(view));
    }

    /** A mapper returns one piece, in pages of its own; a device of one segment needs it to be one entry. */
    private boolean isTooLargeForVirtual(OracleDevice view) {
        long step = Math.max(view.unit(), view.mapper().granule());
        return view.space().stream().noneMatch(part -> starts(part, step).anyMatch(at -> view.entries(at) == 1));
    }

    /** Every aligned start of the storage in an interval; of an endless one the first few, after which all repeats. */
    private LongStream starts(long[] interval, long step) {
        long first = (interval[0] + step - 1) / step * step;
        long last = Math.min(interval[1] - storage + 1, first + 2 * Card.SPACE);
        return first > last
                ? LongStream.empty()
                : LongStream.rangeClosed(0, (last - first) / step).map(n -> first + n * step);
    }

    private boolean leavesNothing() {
        return range().isEmpty() || divisor().bitLength() > 64 || mask() == 0 || areBoundsCrossed()
                || (hasPools() && pools().isEmpty());
    }

    private List<long[]> range() {
        List<long[]> range = List.of(new long[] {0, TOP});
        for (OracleDevice view : views) {
            range = OracleDevice.common(range, view.physical());
        }
        return range;
    }

    private BigInteger divisor() {
        return views.stream()
                .map(view -> BigInteger.valueOf(view.number(DIVISOR, 1)))
                .reduce(BigInteger.ONE, (a, b) -> a.divide(a.gcd(b)).multiply(b));
    }

    private long mask() {
        return views.stream().mapToLong(OracleDevice::mask).reduce(-1, (a, b) -> a & b);
    }

    /** "rounded to the alignment (min up, max down) only when compared with each other" */
    private boolean areBoundsCrossed() {
        long align = greatest(OracleDevice::physicalAlignment, 1);
        long least = greatest(view -> view.number(MIN_SIZE, 0), 0);
        long most = least(views, MAX_SIZE).orElse(TOP);
        return most != TOP && (least + align - 1) / align * align > most / align * align;
    }

    private boolean hasPools() {
        return views.stream().anyMatch(OracleDevice::hasPools);
    }

    private Set<String> pools() {
        Set<String> pools = new HashSet<>(List.of("p0", "p1", "p2"));
        views.stream().filter(OracleDevice::hasPools).forEach(view -> pools.retainAll(view.card.pools));
        return pools;
    }

    private long greatest(ToLongFunction<OracleDevice> number, long neutral) {
        return views.stream().mapToLong(number).reduce(neutral, Math::max);
    }

    /** "one of its devices needs a single piece and no place for one piece in the common range ..." */
    private boolean hasNoPlace() {
        List<OracleDevice> direct = views.stream().filter(OracleDevice::isDirect).toList();
        if (direct.stream().noneMatch(view -> view.number(MAX_SEGMENTS, TOP) == 1)) {
            return false;
        }
        long start = Math.max(
                Math.max(Card.PAGE, alignment),
                Math.max(greatest(OracleDevice::physicalGranule, 1), greatest(OracleDevice::physicalAlignment, 1)));
        return range().stream().noneMatch(part -> starts(part, start).anyMatch(at ->
                direct.stream().allMatch(view -> view.entries(at) <= view.number(MAX_SEGMENTS, TOP))));
    }

    /** The combination by the table of section 3. */
    DmaConstraints combination() {
        List<OracleDevice> direct = views.stream().filter(OracleDevice::isDirect).toList();
        DmaConstraintsBuilder all = DmaConstraints.builder()
                .addressRanges(AddressRanges.of(range().stream()
                        .map(part -> new AddressRange(part[0], part[1] == TOP ? -1 : part[1]))
                        .toList()))
                .alignment(greatest(OracleDevice::physicalAlignment, 1))
                .granule(greatest(OracleDevice::physicalGranule, 1))
                .sizeDivisor(divisor().longValue())
                .accessMask(mask())
                .minSize(greatest(view -> view.number(MIN_SIZE, 0), 0))
                .coherentRequired(views.stream().anyMatch(view -> view.card.coherent))
                .secureRequired(views.stream().anyMatch(view -> view.card.secure))
                .exclusive(views.stream().anyMatch(view -> view.card.exclusive));
        least(views, MAX_SIZE).ifPresent(all::maxSize);
        least(direct, MAX_SEGMENTS).ifPresent(all::maxSegments);
        least(direct, MAX_SEGMENT_SIZE).ifPresent(all::maxSegmentSize);
        least(direct, BOUNDARY).ifPresent(all::segmentBoundary);
        return hasPools() ? all.pools(pools()).build() : all.build();
    }

    private static Optional<Long> least(List<OracleDevice> views, ConstraintField field) {
        return views.stream().map(view -> view.number(field, TOP)).filter(value -> value != TOP).min(Long::compare);
    }
}
