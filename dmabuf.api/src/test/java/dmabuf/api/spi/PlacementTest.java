// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dmabuf.api.AddressRange;
import dmabuf.api.Segment;
import doubles.Claims;
import doubles.RequestDouble;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Places against a brute force that tries every address, and limits that no hardware has. */
class PlacementTest {
    private static final long SEED = 20_140_611;
    private static final int CASES = 100_000;
    private static final int PAGES = 16;
    private static final long PAGE = 4096;

    private static SegmentLimits limits(long alignment, long granule, long count, long size, long boundary) {
        return new SegmentLimits(alignment, granule, count, size, boundary);
    }

    @Test
    @DisplayName("100,000 random cases: the best and the lowest place are those of a brute force")
    void bruteForce() {
        SplittableRandom random = new SplittableRandom(SEED);
        int found = 0;
        for (int i = 0; i < CASES; i++) {
            List<SegmentLimits> devices =
                    IntStream.range(0, random.nextInt(4)).mapToObj(n -> limits(random)).toList();
            long first = random.nextInt(200);
            AddressRange free = new AddressRange(first, first + random.nextInt(400));
            long byteSize = 1L + random.nextInt(random.nextBoolean() ? 150 : 20);
            long alignment = 1L << random.nextInt(4);
            List<Placement.Place> places = everyPlace(free, byteSize, alignment, devices);
            found += places.isEmpty() ? 0 : 1;
            String what = "case " + i + ": " + byteSize + " in " + free + " aligned " + alignment + " " + devices;
            assertThat(Placement.lowest(free, byteSize, alignment, devices)).as(what)
                    .isEqualTo(places.stream().findFirst());
            assertThat(Placement.best(free, byteSize, alignment, devices)).as(what).isEqualTo(best(places));
            assertThat(scaled(free, byteSize, alignment, devices)).as(what).isEqualTo(best(places));
        }
        assertThat(found).isBetween(CASES / 4, CASES * 3 / 4);
    }

    /** Finds the best place when every number is 2^40 times as large; the answer in the old numbers. */
    private static Optional<Placement.Place> scaled(
            AddressRange free, long byteSize, long alignment, List<SegmentLimits> devices) {
        List<SegmentLimits> large = devices.stream()
                .map(device -> limits(
                        device.alignment() << 40,
                        device.granule() << 40,
                        device.maxSegments(),
                        device.maxSegmentSize() == -1 ? -1 : device.maxSegmentSize() << 40,
                        device.boundary() == -1 ? -1 : device.boundary() << 40))
                .toList();
        AddressRange all = new AddressRange(free.first() << 40, ((free.last() + 1) << 40) - 1);
        return Placement.best(all, byteSize << 40, alignment << 40, large)
                .map(place -> new Placement.Place(
                        new AddressRange(place.range().first() >> 40, place.range().last() >> 40), place.entries()));
    }

    private static SegmentLimits limits(SplittableRandom random) {
        return limits(
                1L << random.nextInt(5),
                1L << random.nextInt(3),
                random.nextInt(4) == 0 ? -1 : 1 + random.nextInt(10),
                random.nextInt(4) == 0 ? -1 : 1 + random.nextInt(60),
                random.nextInt(4) == 0 ? -1 : 1L << random.nextInt(8));
    }

    private static List<Placement.Place> everyPlace(
            AddressRange free, long byteSize, long alignment, List<SegmentLimits> devices) {
        List<Placement.Place> places = new ArrayList<>();
        for (long start = free.first(); start + byteSize - 1 <= free.last(); start++) {
            long at = start;
            long entries = 0;
            boolean fits = at % alignment == 0 && devices.stream().allMatch(device -> at % device.unit() == 0);
            for (SegmentLimits device : devices) {
                long count = fits ? slowCount(device, at, byteSize) : Long.MAX_VALUE;
                fits &= Long.compareUnsigned(count, device.maxSegments()) <= 0 && count != Long.MAX_VALUE;
                entries += count;
            }
            if (fits) {
                places.add(new Placement.Place(AddressRange.ofSize(start, byteSize), entries));
            }
        }
        return places;
    }

    /** Lays entries byte by byte, each as long as the device permits; contract section 3: L, the largest usable one. */
    private static long slowCount(SegmentLimits device, long start, long byteSize) {
        BigInteger smaller = unsigned(device.maxSegmentSize()).min(unsigned(device.boundary()));
        BigInteger largest = smaller.subtract(smaller.mod(unsigned(device.unit())));
        long count = 0;
        long address = start;
        while (address < start + byteSize) {
            long end = address;
            for (long to = address + 1; to <= start + byteSize; to++) {
                long boundary = device.boundary();
                boolean crosses = boundary != -1 && (to - 1) / boundary != address / boundary;
                boolean tooLong = unsigned(to - address).compareTo(largest) > 0;
                if (crosses || tooLong) {
                    break;
                }
                end = to % device.unit() == 0 || to == start + byteSize ? to : end;
            }
            if (end == address) {
                return Long.MAX_VALUE;
            }
            address = end;
            count++;
        }
        return count;
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }

    private static Optional<Placement.Place> best(List<Placement.Place> places) {
        return places.stream().reduce((a, b) -> b.entries() < a.entries() ? b : a);
    }

    @Test
    @DisplayName("80 KiB for two segments of 48 KiB that cross no 64 KiB boundary: placed so that two suffice")
    void placed() {
        List<SegmentLimits> device = List.of(limits(1, 1, 2, 48 << 10, 64 << 10));
        AddressRange free = AddressRange.parse("0x40000000..0x40ffffff");
        assertThat(Placement.best(free, 80 << 10, 4096, device))
                .hasValueSatisfying(place -> {
                    assertThat(place.range().first()).isEqualTo(0x40004000L);
                    assertThat(place.entries()).isEqualTo(2);
                });
        assertThat(Placement.lowest(free, 80 << 10, 64 << 10, device)).isEmpty();
    }

    @Test
    @DisplayName("of several blocks the one with the fewest entries, of equal ones the lowest")
    void blocks() {
        List<SegmentLimits> device = List.of(limits(1, 1, 3, 48 << 10, 64 << 10));
        List<AddressRange> free = Stream.of("0x10000..0x23fff", "0x34000..0x47fff", "0x54000..0x67fff")
                .map(AddressRange::parse)
                .toList();
        assertThat(Placement.best(free, 80 << 10, 4096, device))
                .hasValueSatisfying(place -> assertThat(place.range()).isEqualTo(free.get(1)));
        assertThat(Placement.best(free.subList(0, 1), 80 << 10, 4096, device))
                .hasValueSatisfying(place -> assertThat(place.entries()).isEqualTo(3));
        assertThat(Placement.best(free, 81 << 10, 4096, device)).isEmpty();
    }

    /** Where it crosses the boundary, 3,000 entries suffice only with 819 of them before it, the last one byte short. */
    @Test
    @DisplayName("a segment size that is no multiple of the step: the start is computed, not searched")
    void oddSegmentSize() {
        long boundary = 1L << 60;
        for (long size : new long[] {0x7fff_ffff_fffbL, 0x7fff_fffbL}) {
            long byteSize = 3000 * size - 1;
            List<SegmentLimits> device = List.of(limits(1, 1, 3000, size, boundary));
            AddressRange across = new AddressRange(boundary - byteSize + 1, boundary + byteSize - 2);
            assertTimeout(Duration.ofSeconds(10), () -> {
                Placement.Place place = Placement.lowest(across, byteSize, 4096, device).orElseThrow();
                assertThat(place.range().first()).isEqualTo(boundary - (819 * size - 1));
                assertThat(place.entries()).isEqualTo(3000);
            });
        }
    }

    @Test
    @DisplayName("starts that others hold are passed over, one by one: the piece is claimed at the lowest that is left")
    void claimed() {
        SplittableRandom random = new SplittableRandom(SEED);
        AddressRange free = AddressRange.ofSize(0x4000_0000L, PAGES * PAGE);
        for (int i = 0; i < 1000; i++) {
            Claims others = new Claims();
            boolean[] held = new boolean[PAGES];
            for (int page = 0; page < PAGES; page++) {
                held[page] = random.nextInt(3) == 0 && others.claim(AddressRange.ofSize(free.first() + page * PAGE, PAGE));
            }
            int pages = 1 + random.nextInt(4);
            int step = 1 << random.nextInt(3);
            RequestDouble request = RequestDouble.ofSize(pages * PAGE).align(step * PAGE).claims(others);
            Optional<Segment> lowest = IntStream.iterate(0, start -> start + pages <= PAGES, start -> start + step)
                    .filter(start -> IntStream.range(start, start + pages).noneMatch(page -> held[page]))
                    .mapToObj(start -> new Segment(free.first() + start * PAGE, pages * PAGE))
                    .findFirst();
            assertThat(Placement.claimed(List.of(free), request)).as("case " + i).isEqualTo(lowest);
            assertThat(lowest.stream().noneMatch(place -> others.claim(place.range()))).as("case " + i).isTrue();
        }
    }

    @Test
    @DisplayName("pathological limits do not hang")
    void pathological() {
        List<SegmentLimits> coprime = List.of(
                limits(1, 1, 1 << 20, (1L << 20) - 3, 1L << 40),
                limits(1, 1, 1 << 20, (1L << 20) - 5, 1L << 41),
                limits(1, 1, 1 << 20, 1, 1L << 62),
                limits(1, 1, -1, 4095, 4096));
        List<SegmentLimits> many = IntStream.range(12, 40)
                .mapToObj(bit -> limits(1, 1, -1, (1L << bit) - 1, 1L << (bit + 1)))
                .toList();
        for (long byteSize : new long[] {1, 4096, (1L << 40) - 1, 1L << 40, Long.MAX_VALUE, 1L << 63, -1L}) {
            assertTimeout(Duration.ofSeconds(5), () -> {
                Placement.best(AddressRange.ALL, byteSize, 1, coprime);
                Placement.lowest(AddressRange.ALL, byteSize, 4096, coprime);
                Placement.best(AddressRange.ALL, byteSize, 1, many);
                Placement.lowest(new AddressRange(3, -2L), byteSize, 1L << 63, many);
            });
        }
    }

    @Test
    @DisplayName("at the end of the address space nothing wraps")
    void endOfSpace() {
        AddressRange top = new AddressRange(-4096L, -1L);
        assertThat(Placement.lowest(top, 4096, 4096, List.of()).orElseThrow().range()).isEqualTo(top);
        assertThat(Placement.lowest(top, 4096, 8192, List.of())).isEmpty();
        assertThat(Placement.lowest(top, 4097, 1, List.of())).isEmpty();
        assertThat(Placement.lowest(new AddressRange(-4095L, -1L), 1, 8192, List.of())).isEmpty();
        SegmentLimits device = limits(1, 1, 1, -1, 4096);
        assertThat(Placement.lowest(new AddressRange(-8000L, -1L), 4096, 1, List.of(device)).orElseThrow().range())
                .isEqualTo(top);
    }

    @Test
    @DisplayName("size 0 and an alignment that is no power of two are misuse")
    void misuse() {
        assertThatThrownBy(() -> Placement.lowest(AddressRange.ALL, 0, 1, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("size=0x0, alignment=0x1");
        assertThatThrownBy(() -> Placement.best(AddressRange.ALL, 1, 3, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("alignment=0x3");
    }
}
