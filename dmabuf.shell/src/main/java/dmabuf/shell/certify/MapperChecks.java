// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Mapper;
import dmabuf.api.spi.Participant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What the mappers that come with an allocator do. The physical addresses are numbers: nothing is behind them. */
final class MapperChecks {
    private static final String GROUP = "mapper";
    private static final String MAP = "Mapper.map";
    private static final int ROUNDS = 100;

    private MapperChecks() {}

    static List<Check> all() {
        return List.of(
                check("map-piece", "a mapping is one piece of the size of the storage, inside the aperture and the device's range",
                        MAP, MapperChecks::piece),
                check("map-translate", "each page of a mapping translates to its physical page, and nothing after unmap",
                        "Mapper.translate", MapperChecks::translate),
                check("map-guard", "behind each mapping a page is not mapped, and no two mappings share an address",
                        MAP, MapperChecks::guard),
                check("map-limits", "the place of a mapping honours the device's own limits",
                        MAP, MapperChecks::limits),
                check("map-exhaustion", "a full address space is OUT_OF_MEMORY or FRAGMENTED, and comes back by unmap",
                        MAP, MapperChecks::exhaustion));
    }

    private static Check check(String id, String promise, String source, Check.Trial trial) {
        return new Check(id, GROUP, promise, source, trial);
    }

    /** A mapper, and a plain device behind it. */
    private record Domain(Bench bench, Mapper mapper, Participant device) {
        static Domain of(Bench bench) {
            Mapper mapper = bench.specimen().mappers().stream()
                    .findFirst()
                    .orElseThrow(() -> new Inapplicable("the bundle brings no mapper"));
            return new Domain(bench, mapper, new Participant("device", DmaPath.of(DmaConstraints.NEUTRAL).withIommu(mapper.domain())));
        }

        Segment map(Participant who, List<Segment> physical) {
            return bench.watch().call("map", asked(who, physical), () -> mapper.map(who, physical));
        }

        Segment map(List<Segment> physical) {
            return map(device, physical);
        }

        void unmap(Segment piece) {
            bench.watch().run("unmap", "unmap(" + piece + ")", () -> mapper.unmap(piece));
        }

        OptionalLong translate(long address) {
            return bench.watch().call("translate", "translate(" + Quantity.hex(address) + ")", () -> mapper.translate(address));
        }

        /** Scattered storage of so many granules at most, in whole granules. */
        List<Segment> physical(int most) {
            List<Segment> segments = new ArrayList<>();
            long address = mapper.output().first();
            for (int i = 0; i <= bench.random().nextInt(4); i++) {
                long size = mapper.granule() * (1 + bench.random().nextInt(most));
                address += mapper.granule() * (1 + bench.random().nextInt(3));
                segments.add(new Segment((address + mapper.granule() - 1) & -mapper.granule(), size));
                address = segments.getLast().end();
            }
            return segments;
        }

        static String asked(Participant who, List<Segment> physical) {
            List<Segment> few = physical.size() <= 4 ? physical : physical.subList(0, 4);
            return "map(" + who.path() + ", " + few + ")";
        }
    }

    private static long size(List<Segment> physical) {
        return physical.stream().mapToLong(Segment::byteSize).sum();
    }

    private static void piece(Bench bench) {
        Domain domain = Domain.of(bench);
        for (int round = 0; round < ROUNDS; round++) {
            List<Segment> physical = domain.physical(16);
            Segment piece = domain.map(physical);
            Violation.unless(
                    piece.byteSize() == size(physical), Domain.asked(domain.device(), physical), "a piece " + piece,
                    "a piece of " + Quantity.hex(size(physical)));
            Violation.unless(
                    domain.mapper().aperture().contains(piece.range()), Domain.asked(domain.device(), physical),
                    "a piece " + piece, "addresses within " + domain.mapper().aperture());
            domain.unmap(piece);
        }
    }

    private static void translate(Bench bench) {
        Domain domain = Domain.of(bench);
        for (int round = 0; round < ROUNDS; round++) {
            List<Segment> physical = domain.physical(4);
            Segment piece = domain.map(physical);
            long offset = 0;
            for (Segment segment : physical) {
                for (long at = 0; at < segment.byteSize(); at += domain.mapper().granule()) {
                    long right = segment.address() + at;
                    OptionalLong came = domain.translate(piece.address() + offset + at);
                    Violation.unless(
                            came.equals(OptionalLong.of(right)), "translate of byte " + (offset + at) + " of " + piece,
                            came.toString(), Quantity.hex(right));
                }
                offset += segment.byteSize();
            }
            domain.unmap(piece);
            nothing(domain, piece.address(), "after unmap");
        }
    }

    private static void nothing(Domain domain, long address, String when) {
        OptionalLong came = domain.translate(address);
        Violation.unless(
                came.isEmpty(), "translate(" + Quantity.hex(address) + ") " + when, came.toString(), "nothing");
    }

    private static void guard(Bench bench) {
        Domain domain = Domain.of(bench);
        List<AddressRange> taken = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            List<Segment> physical = domain.physical(4);
            Segment piece = domain.map(physical);
            AddressRange guarded = AddressRange.ofSize(piece.address(), piece.byteSize() + domain.mapper().granule());
            Optional<AddressRange> met = taken.stream().flatMap(each -> each.intersect(guarded).stream()).findFirst();
            Violation.unless(
                    met.isEmpty(), Domain.asked(domain.device(), physical),
                    "a piece " + piece + " that meets another or its guard at " + met, "addresses of its own and a guard page");
            taken.add(guarded);
            nothing(domain, piece.end(), "right behind a mapping");
        }
    }

    private static void limits(Bench bench) {
        Domain domain = Domain.of(bench);
        AddressRanges aperture = domain.mapper().aperture();
        AddressRange first = aperture.intervals().getFirst();
        for (int round = 0; round < ROUNDS; round++) {
            long alignment = domain.mapper().granule() << bench.random().nextInt(6);
            AddressRange window = new AddressRange(first.first(), first.first() + (first.last() - first.first()) / 2);
            Participant device = Bench.with(domain.device(), DmaConstraints.builder()
                    .alignment(alignment)
                    .addressRanges(AddressRanges.of(window))
                    .build());
            List<Segment> physical = domain.physical(4);
            try {
                Segment piece = domain.map(device, physical);
                Violation.unless(
                        (piece.address() & (alignment - 1)) == 0 && window.contains(piece.range()),
                        Domain.asked(device, physical), "a piece " + piece,
                        "a multiple of " + Quantity.hex(alignment) + " within " + window);
            } catch (DmaBufException e) {
                documented(e, Domain.asked(device, physical));
            }
        }
    }

    private static void documented(DmaBufException e, String asked) {
        boolean right = e.reason() == Reason.OUT_OF_MEMORY || e.reason() == Reason.FRAGMENTED;
        Violation.unless(right, asked, e.reason() + ": " + e.getMessage(), "OUT_OF_MEMORY or FRAGMENTED");
    }

    private static void exhaustion(Bench bench) {
        Domain domain = Domain.of(bench);
        long granule = domain.mapper().granule();
        long size = Math.max(granule, domain.mapper().aperture().intervals().getFirst().byteSize() / 16 / granule * granule);
        Segment physical = new Segment(domain.mapper().output().first(), Math.min(size, domain.mapper().output().last() & Long.MAX_VALUE) & -granule);
        int first = full(domain, physical);
        int second = full(domain, physical);
        Violation.unless(
                first == second && first > 0, "map until it is refused, unmap all, and again", second + " mappings",
                first + " mappings, as the first time");
    }

    private static int full(Domain domain, Segment physical) {
        List<Segment> all = new ArrayList<>();
        try {
            while (all.size() < 1000) {
                all.add(domain.map(List.of(physical)));
            }
        } catch (DmaBufException e) {
            documented(e, Domain.asked(domain.device(), List.of(physical)));
        }
        all.forEach(domain::unmap);
        return all.size();
    }
}
