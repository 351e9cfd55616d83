// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;

/** Random constraints, dense enough that refusals are common, with the edges of each field among them. */
final class RandomConstraints {
    private static final List<String> POOLS =
            List.of(
                    "vpu", "linux,cma", "a,b", "a", "b", "back\\slash", "a blank",
                    "tab\t", "\u2028", "=", "\uD83D\uDE00");

    private final SplittableRandom random;

    RandomConstraints(long seed) {
        random = new SplittableRandom(seed);
    }

    SplittableRandom random() {
        return random;
    }

    /** Returns constraints, or empty where the fields that were drawn contradict each other. */
    DmaConstraints next() {
        while (true) {
            Optional<DmaConstraints> drawn = draw();
            if (drawn.isPresent()) {
                return drawn.get();
            }
        }
    }

    private Optional<DmaConstraints> draw() {
        DmaConstraintsBuilder builder = DmaConstraints.builder();
        for (ConstraintField field : ConstraintField.values()) {
            if (random.nextInt(3) == 0) {
                set(builder, field);
            }
        }
        try {
            return Optional.of(builder.build());
        } catch (DmaBufException e) {
            return Optional.empty();
        }
    }

    private void set(DmaConstraintsBuilder builder, ConstraintField field) {
        switch (field) {
            case RANGE -> builder.addressRanges(ranges());
            case ALIGN -> builder.alignment(powerOfTwo());
            case MAX_SEGMENTS -> builder.maxSegments(atLeastOne());
            case MAX_SEGMENT_SIZE -> builder.maxSegmentSize(atLeastOne());
            case BOUNDARY -> builder.segmentBoundary(powerOfTwo());
            case GRANULE -> builder.granule(powerOfTwo());
            case DIVISOR -> builder.sizeDivisor(atLeastOne());
            case MIN_SIZE -> builder.minSize(number());
            case MAX_SIZE -> builder.maxSize(number());
            case ACCESS -> builder.accessMask(random.nextInt(4) == 0 ? number() : random.nextInt(8));
            case POOLS -> builder.pools(pools());
            case COHERENT -> builder.coherentRequired(random.nextBoolean());
            case SECURE -> builder.secureRequired(random.nextBoolean());
            case EXCLUSIVE -> builder.exclusive(random.nextBoolean());
            case IOMMU, APERTURE -> builder.clear(field);
        }
    }

    private AddressRanges ranges() {
        if (random.nextInt(4) == 0) {
            long a = number();
            long b = number();
            return AddressRanges.of(
                    Long.compareUnsigned(a, b) <= 0 ? new AddressRange(a, b) : new AddressRange(b, a));
        }
        List<AddressRange> intervals = new ArrayList<>();
        long next = random.nextInt(20);
        for (int i = random.nextInt(3); i >= 0; i--) {
            long last = next + random.nextInt(20);
            intervals.add(new AddressRange(next, last));
            next = last + 1 + random.nextInt(3);
        }
        return AddressRanges.of(intervals);
    }

    private Set<String> pools() {
        Set<String> names = new TreeSet<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            names.add(POOLS.get(random.nextInt(POOLS.size())));
        }
        return names;
    }

    long powerOfTwo() {
        return 1L << (random.nextBoolean() ? random.nextInt(64) : random.nextInt(16));
    }

    private long atLeastOne() {
        long value = number();
        return value == 0 ? 1 : value;
    }

    long number() {
        return switch (random.nextInt(6)) {
            case 0 -> random.nextLong();
            case 1 -> -1L - random.nextInt(3);
            case 2 -> (1L << random.nextInt(64)) - random.nextInt(3) + 1;
            default -> random.nextInt(100);
        };
    }
}
