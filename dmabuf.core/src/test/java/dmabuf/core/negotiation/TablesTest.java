// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import static dmabuf.core.negotiation.Stage.path;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.BusWindow;
import dmabuf.api.ConstraintField;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaPath;
import dmabuf.api.Segment;
import dmabuf.api.SgTable;
import dmabuf.api.spi.Participant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** How each device's own table is cut from the one storage, and that what is verified is what the table then keeps. */
class TablesTest {
    private static final int CASES = 40_000;
    private static final long UNLIMITED = 1L << 40;

    /** Reads {@code start+length,...} in hexadecimal. */
    private static List<Segment> segments(String text) {
        return Stream.of(text.split(",", -1))
                .map(part -> new Segment(
                        Long.parseUnsignedLong(part.substring(0, part.indexOf('+')), 16),
                        Long.parseUnsignedLong(part.substring(part.indexOf('+') + 1), 16)))
                .toList();
    }

    @Test
    @DisplayName("adjacent segments are joined in the order returned, never backwards")
    void join() {
        assertThat(Tables.join(segments("1000+1000,2000+1000,4000+1000,3000+1000,4000+1000")))
                .isEqualTo(segments("1000+2000,4000+1000,3000+2000"));
        assertThat(Tables.join(List.of())).isEmpty();
    }

    @Test
    @DisplayName("2014 defect 'offset arithmetic that overflows': nothing is joined across the end of the addresses")
    void joinAtTheEnd() {
        assertThat(Tables.join(segments("fffffffffffff000+1000,0+1000")))
                .isEqualTo(segments("fffffffffffff000+1000,0+1000"));
        assertThat(Tables.join(segments("ffffffffffffe000+1000,fffffffffffff000+1000")))
                .isEqualTo(segments("ffffffffffffe000+2000"));
        assertThat(Tables.join(segments("0+8000000000000000,8000000000000000+8000000000000000")))
                .as("no segment can state 2^64 bytes").hasSize(2);
    }

    @Test
    @DisplayName("2014 defect 'offset arithmetic that overflows': device addresses wrap in 64 bits as the bus does")
    void offsetsAtTheEnd() {
        DmaPath up = DmaPath.of(path("").constraints()).withWindows(List.of(BusWindow.ofOffset(-0x1000)));
        assertThat(Tables.direct(up, segments("ffffffffffffd000+2000")).segments())
                .isEqualTo(segments("ffffffffffffe000+2000"));
        assertThatThrownBy(() -> Tables.direct(up, segments("ffffffffffffe000+2000")))
                .isInstanceOf(DmaBufException.class)
                .hasMessage("0xffffffffffffe000+0x2000 lies outside 0x0..0xffffffffffffefff");
    }

    @Test
    @DisplayName("2014 defect 'one table for all devices': each device has its own, from the same storage")
    void oneTableForEach() {
        List<Segment> storage = segments("80010000+10000,80020000+10000,90000000+20000");
        assertThat(Tables.direct(path(""), storage).segments()).isEqualTo(segments("80010000+20000,90000000+20000"));
        assertThat(Tables.direct(path("maxSegmentSize=96K boundary=128K offset=0x80000000"), storage).segments())
                .isEqualTo(segments("10000+10000,20000+10000,10000000+18000,10018000+8000"));
        assertThat(Tables.mapped(path("iommu=smmu maxSegmentSize=128K"), new Segment(0x100000, 0x40000)).segments())
                .isEqualTo(segments("100000+20000,120000+20000"));
    }

    @Test
    @DisplayName("no segment crosses from one bus window to another, even where they are neighbours")
    void windows() {
        DmaPath path = path("").withWindows(
                List.of(new BusWindow(0x10000, 0x0000, 0x2000), new BusWindow(0x12000, 0x2000, 0x2000)));
        assertThat(Tables.direct(path, segments("1000+2000")).segments()).isEqualTo(segments("11000+1000,12000+1000"));
        assertThat(Tables.mapped(path.withIommu("smmu"), new Segment(0x11000, 0x2000)).segments())
                .isEqualTo(segments("11000+1000,12000+1000"));
    }

    @Test
    @DisplayName("40,000 random storages: verified exactly when every entry of the table keeps the device's limits")
    void verifiedIsKept() {
        SplittableRandom random = new SplittableRandom(5);
        int good = 0;
        for (int i = 0; i < CASES; i++) {
            Card card = Card.draw(random);
            card.domain = "";
            Participant device = new Participant("dev", card.path());
            List<Segment> storage = storage(random);
            boolean keeps = keeps(card, storage);
            Optional<String> complaint = Verification.device(storage, device, new Stage());
            assertThat(complaint.isEmpty()).as("%s %s %s", card, storage, complaint).isEqualTo(keeps);
            good += keeps ? 1 : 0;
            if (keeps) {
                assertThat(bytes(Tables.direct(card.path(), storage))).as("%s %s", card, storage)
                        .isEqualTo(bytes(card, storage));
            }
        }
        assertThat(good).isBetween(CASES / 10, CASES * 9 / 10);
    }

    private static List<Segment> storage(SplittableRandom random) {
        List<Segment> storage = new ArrayList<>();
        for (int i = random.nextInt(3); i >= 0; i--) {
            long address = random.nextInt(4) == 0 && !storage.isEmpty()
                    ? storage.getLast().end()
                    : 16L * random.nextInt(Card.SPACE / 16);
            storage.add(new Segment(address, 16L * (1 + random.nextInt(6))));
        }
        return storage;
    }

    /** Lists the device address of every byte. */
    private static List<Long> bytes(SgTable table) {
        return table.segments().stream()
                .flatMap(entry -> LongStream.range(entry.address(), entry.end()).boxed())
                .toList();
    }

    private static List<Long> bytes(Card card, List<Segment> storage) {
        return addresses(storage).stream().map(cpu -> toDevice(card, cpu)).toList();
    }

    private static List<Long> addresses(List<Segment> storage) {
        return storage.stream()
                .flatMap(segment -> LongStream.range(segment.address(), segment.end()).boxed())
                .toList();
    }

    private static long toDevice(Card card, long cpu) {
        return card.windows.stream()
                .filter(window -> cpu >= window[1] && cpu < window[1] + window[2])
                .map(window -> cpu - window[1] + window[0])
                .findFirst()
                .orElse(card.windows.isEmpty() ? cpu : -1L);
    }

    /** Walks the storage byte by byte, lays entries as a driver would, and looks at each. */
    private static boolean keeps(Card card, List<Segment> storage) {
        long granule = number(card, ConstraintField.GRANULE, 1);
        long unit = Math.max(number(card, ConstraintField.ALIGN, 1), granule);
        long boundary = number(card, ConstraintField.BOUNDARY, UNLIMITED);
        long largest = Math.min(number(card, ConstraintField.MAX_SEGMENT_SIZE, UNLIMITED), boundary) / unit * unit;
        List<long[]> entries = new ArrayList<>();
        long before = -1;
        for (long cpu : addresses(storage)) {
            long at = toDevice(card, cpu);
            if (at < 0 || largest == 0 || !reaches(card, cpu, at)) {
                return false;
            }
            long[] last = entries.isEmpty() ? new long[2] : entries.getLast();
            boolean goesOn = cpu == before + 1 && window(card, cpu) == window(card, before)
                    && at == last[0] + last[1] && last[1] < largest && at % boundary != 0;
            if (goesOn) {
                last[1]++;
            } else {
                entries.add(new long[] {at, 1});
            }
            before = cpu;
        }
        return entries.size() <= number(card, ConstraintField.MAX_SEGMENTS, UNLIMITED)
                && areAligned(entries, unit, granule);
    }

    private static boolean areAligned(List<long[]> entries, long unit, long granule) {
        return entries.stream().allMatch(entry -> entry[0] % unit == 0)
                && entries.stream().limit(entries.size() - 1L).allMatch(entry -> entry[1] % granule == 0);
    }

    private static long number(Card card, ConstraintField field, long neutral) {
        return card.numbers.getOrDefault(field, neutral);
    }

    private static int window(Card card, long cpu) {
        int i = 0;
        while (i < card.windows.size()
                && (cpu < card.windows.get(i)[1] || cpu >= card.windows.get(i)[1] + card.windows.get(i)[2])) {
            i++;
        }
        return i;
    }

    private static boolean reaches(Card card, long cpu, long device) {
        return (card.range.length == 0 || (cpu >= card.range[0] && cpu <= card.range[1]))
                && (card.aperture.length == 0 || (device >= card.aperture[0] && device <= card.aperture[1]))
                && (card.maskBits == 0 || device < 1L << card.maskBits);
    }
}
