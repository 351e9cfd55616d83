// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.BusWindow;
import dmabuf.api.ConstraintField;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaConstraintsBuilder;
import dmabuf.api.DmaPath;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/**
 * One way of a random device as plain numbers, from which both the code under test and the oracle read. All addresses
 * and sizes are small, so that the oracle can try them one by one; pages have 16 bytes.
 */
final class Card {
    static final int PAGE = 16;
    static final int SPACE = 1024;

    final Map<ConstraintField, Long> numbers = new EnumMap<>(ConstraintField.class);
    final List<long[]> windows = new ArrayList<>();
    long[] range = {};
    long[] aperture = {};
    int maskBits;
    String domain = "";
    Set<String> pools = Set.of();
    boolean coherent;
    boolean secure;
    boolean exclusive;

    private final SplittableRandom random;

    private Card(SplittableRandom random) {
        this.random = random;
    }

    /** Draws a way that is valid by itself. */
    static Card draw(SplittableRandom random) {
        while (true) {
            Card card = new Card(random);
            card.fill();
            try {
                card.path();
                return card;
            } catch (DmaBufException _) {
                // What is INVALID by itself never comes to a negotiation: draw again.
            }
        }
    }

    private boolean chance(int oneIn) {
        return random.nextInt(oneIn) == 0;
    }

    private void fill() {
        if (chance(3)) {
            range = interval(chance(4) ? 1 : PAGE, chance(2) ? SPACE : SPACE / 4);
        }
        put(ConstraintField.ALIGN, 6, 1L << random.nextInt(9));
        put(ConstraintField.MAX_SEGMENTS, 3, 1 + random.nextInt(4));
        put(ConstraintField.MAX_SEGMENT_SIZE, 4, 8L * (1 + random.nextInt(20)));
        put(ConstraintField.BOUNDARY, 5, 16L << random.nextInt(5));
        put(ConstraintField.GRANULE, 8, 1L << random.nextInt(8));
        put(ConstraintField.DIVISOR, 12, chance(2) ? 1 + random.nextInt(50) : (1L << 62) - random.nextInt(4));
        put(ConstraintField.MIN_SIZE, 10, random.nextInt(120));
        put(ConstraintField.MAX_SIZE, 10, random.nextInt(300));
        put(ConstraintField.ACCESS, 6, random.nextInt(8));
        if (chance(8)) {
            pools = new TreeSet<>(List.of("p" + random.nextInt(3), "p" + random.nextInt(3)));
        }
        coherent = chance(16);
        secure = chance(16);
        exclusive = chance(24);
        fillBus();
    }

    private void fillBus() {
        if (chance(5)) {
            domain = "d" + random.nextInt(3);
        }
        if (chance(12)) {
            maskBits = 4 + random.nextInt(7);
        }
        if (chance(10)) {
            aperture = interval(PAGE, SPACE);
        }
        if (chance(10)) {
            windows.add(window(0, SPACE / 2));
            if (chance(3)) {
                windows.add(window(SPACE / 2, SPACE / 2));
            }
        }
    }

    private long[] window(long from, int length) {
        long cpu = from + 16L * random.nextInt(length / 32);
        return new long[] {256L * random.nextInt(4), cpu, 16L * (1 + random.nextInt(length / 32))};
    }

    private long[] interval(int unit, int longest) {
        long first = (long) unit * random.nextInt(SPACE / unit / 2);
        return new long[] {first, first + (long) unit * (1 + random.nextInt(longest / unit)) - 1};
    }

    private void put(ConstraintField field, int oneIn, long value) {
        if (chance(oneIn)) {
            numbers.put(field, value);
        }
    }

    /** Returns the way as the code under test sees it. */
    DmaPath path() {
        DmaPath path = DmaPath.of(constraints());
        if (!windows.isEmpty()) {
            path = path.withWindows(
                    windows.stream().map(window -> new BusWindow(window[0], window[1], window[2])).toList());
        }
        path = maskBits == 0 ? path : path.withMaskBits(maskBits);
        path = aperture.length == 0 ? path : path.withAperture(new AddressRange(aperture[0], aperture[1]));
        return domain.isEmpty() ? path : path.withIommu(domain);
    }

    private DmaConstraints constraints() {
        DmaConstraintsBuilder builder = DmaConstraints.builder();
        numbers.forEach((field, value) -> set(builder, field, value));
        if (range.length > 0) {
            builder.addressRanges(AddressRanges.of(new AddressRange(range[0], range[1])));
        }
        if (!pools.isEmpty()) {
            builder.pools(pools);
        }
        return builder.coherentRequired(coherent).secureRequired(secure).exclusive(exclusive).build();
    }

    static void set(DmaConstraintsBuilder builder, ConstraintField field, long value) {
        switch (field) {
            case ALIGN -> builder.alignment(value);
            case MAX_SEGMENTS -> builder.maxSegments(value);
            case MAX_SEGMENT_SIZE -> builder.maxSegmentSize(value);
            case BOUNDARY -> builder.segmentBoundary(value);
            case GRANULE -> builder.granule(value);
            case DIVISOR -> builder.sizeDivisor(value);
            case MIN_SIZE -> builder.minSize(value);
            case MAX_SIZE -> builder.maxSize(value);
            case ACCESS -> builder.accessMask(value);
            case RANGE, POOLS, COHERENT, SECURE, EXCLUSIVE, IOMMU, APERTURE ->
                throw new IllegalArgumentException(field + " is no number");
        }
    }

    @Override
    public String toString() {
        return path().toString();
    }
}
