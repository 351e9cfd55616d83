// SPDX-License-Identifier: Apache-2.0
package allocator.iommu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.SegmentLimits;
import doubles.Threads;
import doubles.Verification;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class DomainMapperTest {
    private static final long K = 1 << 10;
    private static final long M = 1 << 20;
    private static final Participant ANY = device("");

    private final DomainMapper mapper = mapper("0x100000..0x1fffff", 4 * K);

    private static DomainMapper mapper(String aperture, long granule) {
        return new DomainMapper("smmu", new DomainShape(granule, AddressRanges.parse(aperture), AddressRange.ALL));
    }

    private static Participant device(String constraints) {
        return new Participant("codec", DmaPath.of(DmaConstraints.parse(constraints)).withIommu("smmu"));
    }

    private static List<Segment> scattered(long... sizes) {
        List<Segment> segments = new ArrayList<>();
        long address = 0x80000000L;
        for (long size : sizes) {
            segments.add(new Segment(address, size));
            address += size + 64 * K;
        }
        return segments;
    }

    @Test
    void everyPageTranslatesInOrderAndNothingElseDoes() {
        Segment piece = mapper.map(ANY, scattered(8 * K, 4 * K, 16 * K));
        assertThat(piece).isEqualTo(new Segment(0x100000, 28 * K));
        assertThat(mapper.translate(0x100000)).hasValue(0x80000000L);
        assertThat(mapper.translate(0x101fff)).hasValue(0x80001fffL);
        assertThat(mapper.translate(0x102000)).hasValue(0x80012000L);
        assertThat(mapper.translate(0x103000)).hasValue(0x80023000L);
        assertThat(mapper.translate(0x106fff)).hasValue(0x80026fffL);
        for (long outside : new long[] {0, 0xfffff, 0x107000, 0x107fff, 0x1fffff, -1, Long.MIN_VALUE}) {
            assertThat(mapper.translate(outside)).isEmpty();
        }
        mapper.unmap(piece);
        assertThat(mapper.translate(0x100000)).isEmpty();
    }

    @Test
    void aGuardPageLiesBetweenMappings() {
        Segment first = mapper.map(ANY, scattered(4 * K));
        Segment second = mapper.map(ANY, scattered(4 * K));
        assertThat(second.address()).isEqualTo(first.end() + 4 * K);
        mapper.unmap(first);
        assertThat(mapper.map(ANY, scattered(8 * K)).address()).isEqualTo(second.end() + 4 * K);
        assertThat(mapper.map(ANY, scattered(4 * K))).isEqualTo(first);
    }

    @Test
    void theWholeApertureCanBeOneMapping() {
        Segment piece = mapper.map(ANY, scattered(M));
        assertThat(piece).isEqualTo(new Segment(0x100000, M));
        refused(
                () -> mapper.map(ANY, scattered(4 * K)),
                Reason.OUT_OF_MEMORY,
                "no room for 4K and a guard in domain smmu for codec: too little is free in 0x100000..0x1fffff");
        mapper.unmap(piece);
        mapper.unmap(piece);
        assertThat(mapper.map(ANY, scattered(M))).isEqualTo(piece);
    }

    @Test
    void reservedRangesAreNeverMapped() {
        DomainMapper holed = mapper("0x100000..0x103fff,0x105000..0x10ffff", 4 * K);
        assertThat(holed.map(ANY, scattered(20 * K)).address()).isEqualTo(0x105000);
        assertThat(holed.map(ANY, scattered(16 * K)).address()).isEqualTo(0x100000);
        assertThat(holed.translate(0x104000)).isEmpty();
        // The reserved page at 0x104000 is the guard between the two.
        assertThat(holed.map(ANY, scattered(20 * K)).address()).isEqualTo(0x10b000);
    }

    @Test
    void neighbouringIntervalsShareAGuardToo() {
        DomainMapper windows = mapper("0x100000..0x103fff,0x104000..0x107fff", 4 * K);
        assertThat(windows.map(ANY, scattered(16 * K)).address()).isEqualTo(0x100000);
        assertThat(windows.map(ANY, scattered(12 * K)).address()).isEqualTo(0x105000);
    }

    @Test
    void theDevicesOwnLimitsAreHonoured() {
        Participant strict = device("maxSegments=2 maxSegmentSize=48K boundary=64K");
        assertThat(mapper.map(strict, scattered(80 * K))).isEqualTo(new Segment(0x104000, 80 * K));
        Participant masked = new Participant(
                "codec",
                DmaPath.of(DmaConstraints.parse("align=64K"))
                        .withIommu("smmu")
                        .withAperture(AddressRange.parse("0x130001..0x1fffff")));
        assertThat(mapper.map(masked, scattered(4 * K)).address()).isEqualTo(0x140000);
        refused(
                () -> mapper.map(device("range=0..0xfffff"), scattered(4 * K)),
                Reason.FRAGMENTED,
                "no room for 4K and a guard in domain smmu for codec: enough is free, but not in one piece that it"
                        + " reaches");
    }

    @Test
    void aLargeGranuleRoundsWhatIsTakenNotWhatIsMapped() {
        DomainMapper coarse = mapper("0x100000..0x1fffff", 64 * K);
        Segment piece = coarse.map(ANY, scattered(64 * K, 4 * K));
        assertThat(piece).isEqualTo(new Segment(0x100000, 68 * K));
        assertThat(coarse.translate(piece.end())).isEmpty();
        assertThat(coarse.map(ANY, scattered(64 * K)).address()).isEqualTo(0x130000);
        refused(
                () -> coarse.map(ANY, scattered(4 * K, 64 * K)),
                Reason.INVALID,
                "segment 0x80000000+0x1000 is not in whole pages of domain smmu: 64K");
    }

    @Test
    void allSixtyFourBitsMayBeTheAperture() {
        DomainMapper all = mapper("0..0xffffffffffffffff", 4 * K);
        assertThat(all.map(ANY, scattered(M)).address()).isZero();
        assertThat(all.map(device("range=0xfffffffffff00000..0xffffffffffffffff"), scattered(M - 4 * K)).address())
                .isEqualTo(-M);
    }

    @Test
    void wrongRequestsAreRefused() {
        Participant other = new Participant("cam", DmaPath.of(DmaConstraints.NEUTRAL).withIommu("other"));
        refused(
                () -> mapper.map(other, scattered(4 * K)),
                Reason.INVALID,
                "cam is not behind domain smmu but behind other");
        refused(
                () -> mapper.map(new Participant("cam", DmaPath.of(DmaConstraints.NEUTRAL)), scattered(4 * K)),
                Reason.INVALID,
                "cam is not behind domain smmu but reaches memory directly");
        refused(() -> mapper.map(ANY, List.of()), Reason.INVALID, "there is nothing to map for codec");
        DomainMapper narrow = new DomainMapper(
                "smmu",
                new DomainShape(4 * K, AddressRanges.parse("0..0xfffff"), AddressRange.parse("0..0x80000fff")));
        refused(
                () -> narrow.map(ANY, scattered(8 * K)),
                Reason.INVALID,
                "segment 0x80000000+0x2000 is not in the output of domain smmu: 0x0..0x80000fff");
        assertThat(narrow.map(ANY, scattered(4 * K)).address()).isZero();
    }

    @Test
    void whatIsNotMappedIsUnmappedWithoutHarm() {
        Segment piece = mapper.map(ANY, scattered(8 * K));
        mapper.unmap(new Segment(piece.address(), 4 * K));
        mapper.unmap(new Segment(piece.address() + 4 * K, 4 * K));
        assertThat(mapper.translate(piece.address())).isPresent();
    }

    /** Random maps and unmaps; every page of the aperture is translated and compared after each. */
    @Test
    void agreesWithATableOfPages() {
        Random random = new Random(8);
        String[] limits = {
            "", "align=16K", "boundary=64K maxSegments=2", "maxSegmentSize=12K boundary=32K",
            "range=0x120000..0x15ffff", "boundary=16K maxSegments=1"
        };
        for (int round = 0; round < 40; round++) {
            DomainMapper domain = mapper("0x100000..0x13ffff,0x142000..0x1bffff", 4 * K);
            Map<Segment, List<Segment>> live = new HashMap<>();
            for (int i = 0; i < 60; i++) {
                if (!live.isEmpty() && random.nextInt(3) == 0) {
                    Segment gone = live.keySet().iterator().next();
                    domain.unmap(gone);
                    live.remove(gone);
                } else {
                    Participant device = device(limits[random.nextInt(limits.length)]);
                    List<Segment> physical = scattered(pages(random), pages(random));
                    try {
                        Segment piece = domain.map(device, physical);
                        checkPlace(device, piece, live);
                        live.put(piece, physical);
                    } catch (DmaBufException e) {
                        assertThat(e.reason()).isIn(Reason.FRAGMENTED, Reason.OUT_OF_MEMORY);
                    }
                }
                checkPages(domain, live);
            }
            List.copyOf(live.keySet()).forEach(domain::unmap);
            assertThat(domain.map(ANY, scattered(0x7e000)).address()).isEqualTo(0x142000);
        }
    }

    private static long pages(Random random) {
        return random.nextLong(1, 5) * 4 * K;
    }

    private static void checkPlace(Participant device, Segment piece, Map<Segment, List<Segment>> live) {
        SegmentLimits limits = SegmentLimits.of(device.path().constraints());
        assertThat(Verification.entries(piece, limits))
                .matches(count -> Long.compareUnsigned(count, limits.maxSegments()) <= 0);
        assertThat(piece.address() & (limits.unit() - 1)).isZero();
        assertThat(device.path().reachable().contains(piece.range())).isTrue();
        AddressRange withGuards = new AddressRange(piece.address() - 4 * K, piece.end() + 4 * K - 1);
        assertThat(live.keySet()).noneMatch(other -> other.range().intersect(withGuards).isPresent());
    }

    private static void checkPages(DomainMapper domain, Map<Segment, List<Segment>> live) {
        Map<Long, Long> pages = new HashMap<>();
        live.forEach((piece, physical) -> {
            long at = piece.address();
            for (Segment segment : physical) {
                for (long offset = 0; offset < segment.byteSize(); offset += 4 * K) {
                    pages.put(at, segment.address() + offset);
                    at += 4 * K;
                }
            }
        });
        for (long page = 0x0ff000; page < 0x1c2000; page += 4 * K) {
            OptionalLong answer = domain.translate(page);
            Long expected = pages.get(page);
            if (answer.isPresent() ? expected == null || expected != answer.getAsLong() : expected != null) {
                throw new AssertionError(Long.toHexString(page) + " gives " + answer + ", not " + expected);
            }
        }
    }

    @Test
    void sixteenThreadsNeverShareAnAddress() throws Exception {
        DomainMapper domain = mapper("0x100000..0xffffff", 4 * K);
        Threads.race(random -> {
            List<Segment> own = List.of(new Segment((1L + random.nextInt(1 << 20)) << 12, 16 * K));
            for (int n = 0; n < 300; n++) {
                Segment piece = domain.map(ANY, own);
                for (long offset = 0; offset < 16 * K; offset += 4 * K) {
                    assertThat(domain.translate(piece.address() + offset)).hasValue(own.getFirst().address() + offset);
                }
                domain.unmap(piece);
            }
        });
        assertThat(domain.map(ANY, scattered(15 * M)).address()).isEqualTo(0x100000);
    }

    private static void refused(ThrowingCallable call, Reason reason, String message) {
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(call)
                .withMessage(message)
                .extracting(DmaBufException::reason)
                .isEqualTo(reason);
    }
}
