// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import static dmabuf.api.ConstraintField.ACCESS;
import static dmabuf.api.ConstraintField.ALIGN;
import static dmabuf.api.ConstraintField.APERTURE;
import static dmabuf.api.ConstraintField.BOUNDARY;
import static dmabuf.api.ConstraintField.GRANULE;
import static dmabuf.api.ConstraintField.IOMMU;
import static dmabuf.api.ConstraintField.MAX_SEGMENT_SIZE;
import static dmabuf.api.ConstraintField.RANGE;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.ConstraintField;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** One device on one way, with the fields outside of {@code kept} neutral; null keeps all. */
final class OracleDevice {
    /** Stands for unlimited, and for the end of the address space: far above all that is drawn. */
    static final long TOP = 1L << 40;

    final Card card;
    final String name;
    private final Set<Oracle.Entry> kept;
    private final Map<String, MapperFacts> mappers;
    private final long storage;

    OracleDevice(String name, Card card, Set<Oracle.Entry> kept, Map<String, MapperFacts> mappers, long storage) {
        this.name = name;
        this.card = card;
        this.kept = kept;
        this.mappers = mappers;
        this.storage = storage;
    }

    boolean keeps(ConstraintField field) {
        return kept == null || kept.contains(new Oracle.Entry(name, field));
    }

    long number(ConstraintField field, long neutral) {
        return keeps(field) ? card.numbers.getOrDefault(field, neutral) : neutral;
    }

    long mask() {
        long mask = number(ACCESS, 0);
        return mask == 0 ? -1 : mask;
    }

    boolean hasPools() {
        return keeps(ConstraintField.POOLS) && !card.pools.isEmpty();
    }

    boolean isDirect() {
        return card.domain.isEmpty();
    }

    MapperFacts mapper() {
        MapperFacts facts = mappers.get(card.domain);
        return facts == null || !keeps(IOMMU)
                ? new MapperFacts(1, AddressRanges.ALL, AddressRange.ALL)
                : facts;
    }

    long unit() {
        return Math.max(number(ALIGN, 1), number(GRANULE, 1));
    }

    /** "let L be min(max segment size, boundary) rounded down to the larger of its alignment and granule" */
    long largest() {
        long smaller = Math.min(number(MAX_SEGMENT_SIZE, TOP), number(BOUNDARY, TOP));
        return smaller / unit() * unit();
    }

    /** The addresses that the device's own statements leave, in its own space. */
    List<long[]> reach() {
        List<long[]> left = List.of(new long[] {0, TOP});
        if (keeps(RANGE)) {
            long[] issued = {0, card.maskBits == 0 ? TOP : (1L << card.maskBits) - 1};
            left = common(left, through(issued, card.range.length == 0 ? new long[] {0, TOP} : card.range));
        }
        if (keeps(APERTURE) && card.aperture.length > 0) {
            left = common(left, through(card.aperture, new long[] {0, TOP}));
        }
        return left;
    }

    /** "A device address is CPU address - offset of the window that holds it"; behind an IOMMU it is what counts. */
    private List<long[]> through(long[] device, long[] cpu) {
        if (card.windows.isEmpty()) {
            return common(List.of(device), List.of(cpu));
        }
        List<long[]> left = new ArrayList<>();
        for (long[] window : card.windows) {
            long offset = window[1] - window[0];
            long[] issued = {device[0] + offset, Math.min(TOP, device[1] + offset)};
            long[] held = {window[1], window[1] + window[2] - 1};
            List<long[]> seen = common(List.of(held), common(List.of(cpu), List.of(issued)));
            long back = isDirect() ? 0 : offset;
            seen.forEach(part -> left.add(new long[] {part[0] - back, part[1] - back}));
        }
        return left;
    }

    /** The addresses in which its own table lies. */
    List<long[]> space() {
        return isDirect() ? reach() : common(reach(), intervals(mapper().aperture()));
    }

    /** What it leaves of the physical addresses. */
    List<long[]> physical() {
        return isDirect() ? reach() : intervals(AddressRanges.of(mapper().output()));
    }

    long physicalGranule() {
        return isDirect() ? number(GRANULE, 1) : Math.max(mapper().granule(), number(GRANULE, 1));
    }

    long physicalAlignment() {
        return isDirect() ? number(ALIGN, 1) : 1;
    }

    /** Lays entries one by one. */
    long entries(long start) {
        long left = storage;
        long at = start;
        long count = 0;
        while (left > 0) {
            long boundary = number(BOUNDARY, TOP);
            long step = Math.min(Math.min(left, largest()), boundary - at % boundary);
            at += step;
            left -= step;
            count++;
        }
        return count;
    }

    static List<long[]> intervals(AddressRanges ranges) {
        return ranges.intervals().stream()
                .map(interval -> new long[] {interval.first(), interval.last() < 0 ? TOP : interval.last()})
                .toList();
    }

    static List<long[]> common(List<long[]> some, List<long[]> others) {
        List<long[]> common = new ArrayList<>();
        for (long[] a : some) {
            for (long[] b : others) {
                long first = Math.max(a[0], b[0]);
                long last = Math.min(a[1], b[1]);
                if (first <= last) {
                    common.add(new long[] {first, last});
                }
            }
        }
        return common;
    }
}
