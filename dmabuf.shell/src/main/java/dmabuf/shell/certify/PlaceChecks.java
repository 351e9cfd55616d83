// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.BufferFlags;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.Participant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;

/** Where storage lies, and how much it is, for random requests. */
final class PlaceChecks {
    private static final String GROUP = "places";
    private static final String ALLOCATE = "Allocator.allocate";
    private static final int ROUNDS = 150;

    private PlaceChecks() {}

    static List<Check> all() {
        return Stream.concat(
                        Stream.of(
                                check("size", "storage is exactly the size asked for, rounded up to pages",
                                        ALLOCATE, bench -> play(bench, Audit.SIZE, PlaceChecks::sized)),
                                check("memory", "behind storage is open memory of the memory service",
                                        "MemoryService.owns; Allocation", bench -> play(bench, Audit.MEMORY, PlaceChecks::sized)),
                                check("pages", "every segment is in whole pages",
                                        "contract 3, 7", bench -> play(bench, Audit.PAGES, PlaceChecks::sized)),
                                check("apart", "no address is in one storage twice",
                                        ALLOCATE, bench -> play(bench, Audit.APART, PlaceChecks::sized)),
                                check("alignment", "the first address is a multiple of the buffer's alignment",
                                        "AllocationRequest.alignment", bench -> play(bench, Audit.ALIGNMENT, PlaceChecks::aligned)),
                                check("range", "every byte lies where every device reaches",
                                        "AllocationRequest.constraints", PlaceChecks::range),
                                check("no-device", "a buffer that has no device yet is served, or refused with a reason",
                                        "AllocationRequest.devices", PlaceChecks::noDevice),
                                check("flags", "every common flag and every flag that it states is served, or refused with a reason",
                                        "BufferFlags; AllocatorSpec.flags", PlaceChecks::flags),
                                check("huge", "a size that nobody has is refused soon, and changes nothing",
                                        ALLOCATE, PlaceChecks::huge)),
                        limits())
                .toList();
    }

    private static Stream<Check> limits() {
        return Stream.of(
                limit("granule", "every start and every length but the last is a multiple of the granule",
                        "AllocationRequest.constraints; contract 3",
                        bench -> play(bench, Audit.TABLES, b -> limited(b, b.friend(), PlaceChecks::granular))),
                limit("segment-alignment", "every segment starts at a multiple of the device's alignment",
                        "AllocationRequest.limits; contract 3",
                        bench -> play(bench, Audit.TABLES, b -> limited(b, b.directFriend(), PlaceChecks::alignedSegments))),
                limit("max-segments", "no device gets more segments than it takes",
                        "AllocationRequest.limits; contract 3",
                        bench -> play(bench, Audit.TABLES, b -> limited(b, b.directFriend(), PlaceChecks::counted))),
                limit("max-segment-size", "cut by its largest segment, the table of a device stays within its count",
                        "AllocationRequest.limits; contract 3",
                        bench -> play(bench, Audit.TABLES, b -> limited(b, b.directFriend(), PlaceChecks::shortSegments))),
                limit("boundary", "cut at its boundary, the table of a device stays within its count",
                        "AllocationRequest.limits; contract 3",
                        bench -> play(bench, Audit.TABLES, b -> limited(b, b.directFriend(), PlaceChecks::bounded))),
                limit("devices", "storage suits every one of several devices",
                        "AllocationRequest.devices; contract 3", PlaceChecks::devices));
    }

    private static Check limit(String id, String promise, String source, Check.Trial trial) {
        return new Check(id, "limits", promise, source, trial);
    }

    private static Check check(String id, String promise, String source, Check.Trial trial) {
        return new Check(id, GROUP, promise, source, trial);
    }

    /** Makes random requests, most of them beside other live storage, and looks at one aspect of what comes. */
    private static void play(Bench bench, Audit aspect, Function<Bench, Ask> asks) {
        List<Allocation> live = new ArrayList<>();
        int served = 0;
        String refusal = "";
        for (int round = 0; round < ROUNDS; round++) {
            Ask ask = asks.apply(bench);
            try {
                live.add(bench.allocate(ask));
                aspect.look(ask, live.getLast());
                served++;
            } catch (DmaBufException e) {
                refusal = ask + ": " + e.reason() + ": " + e.getMessage();
            }
            while (live.size() > 4) {
                bench.release(live.remove(bench.random().nextInt(live.size())));
            }
        }
        if (served == 0) {
            throw new Inapplicable("it refused each of " + ROUNDS + " requests, the last " + refusal);
        }
    }

    private static Ask sized(Bench bench) {
        return bench.ask(bench.randomSize(16));
    }

    private static Ask aligned(Bench bench) {
        return bench.ask(bench.randomSize(16)).aligned(power(bench, 0, 20));
    }

    private static Ask limited(Bench bench, Participant friend, Function<Bench, DmaConstraints> limits) {
        long size = bench.randomSize(16);
        DmaConstraints more = limits.apply(bench);
        return new Ask(bench, size).of(List.of(Bench.with(friend, more)));
    }

    private static DmaConstraints granular(Bench bench) {
        return DmaConstraints.builder().granule(power(bench, 12, 18)).build();
    }

    private static DmaConstraints alignedSegments(Bench bench) {
        return DmaConstraints.builder().alignment(power(bench, 6, 20)).build();
    }

    private static DmaConstraints counted(Bench bench) {
        return DmaConstraints.builder().maxSegments(1 + bench.random().nextInt(8)).build();
    }

    /** Not a multiple of anything, and hardly more entries than the largest storage needs. */
    private static DmaConstraints shortSegments(Bench bench) {
        long size = (64L << 10) + bench.random().nextInt(1 << 20);
        return DmaConstraints.builder().maxSegmentSize(size).maxSegments(entries(bench, size)).build();
    }

    private static DmaConstraints bounded(Bench bench) {
        long boundary = power(bench, 16, 21);
        return DmaConstraints.builder().segmentBoundary(boundary).maxSegments(entries(bench, boundary)).build();
    }

    private static long entries(Bench bench, long piece) {
        return bench.share(16) / piece + 1 + bench.random().nextInt(2);
    }

    private static long power(Bench bench, int lowest, int highest) {
        return 1L << (lowest + bench.random().nextInt(highest - lowest + 1));
    }

    private static void devices(Bench bench) {
        Participant friend = bench.directFriend();
        play(bench, Audit.TABLES, b -> {
            List<Participant> several = Stream.<Function<Bench, DmaConstraints>>of(
                            PlaceChecks::granular, PlaceChecks::alignedSegments, PlaceChecks::shortSegments, PlaceChecks::bounded)
                    .filter(_ -> b.random().nextBoolean())
                    .map(limits -> Bench.with(friend, limits.apply(b)))
                    .toList();
            return new Ask(b, b.randomSize(16)).of(several.isEmpty() ? List.of(friend) : several);
        });
    }

    /** Asks for parts of what the allocator hands out when it may take any place. */
    private static void range(Bench bench) {
        Participant friend = bench.directFriend();
        List<Segment> seen = bench.fill(bench.piece()).stream()
                .flatMap(storage -> storage.segments().stream())
                .toList();
        bench.ledger().live().forEach(bench::release);
        AddressRange all = new AddressRange(
                seen.stream().map(Segment::address).min(Long::compareUnsigned).orElseThrow(),
                seen.stream().map(segment -> segment.range().last()).max(Long::compareUnsigned).orElseThrow());
        play(bench, Audit.RANGE, b -> {
            long width = Math.max(bench.memory().pageSize(), all.byteSize() / (2 + b.random().nextInt(6)));
            long first = all.first() + Math.floorMod(b.random().nextLong(), Math.max(1, all.byteSize() - width));
            DmaConstraints part = DmaConstraints.builder()
                    .addressRanges(AddressRanges.of(AddressRange.ofSize(first, width)))
                    .build();
            return new Ask(b, b.randomSize(64)).of(List.of(Bench.with(friend, part)));
        });
    }

    private static void noDevice(Bench bench) {
        Ask ask = new Ask(bench, bench.piece());
        try {
            Allocation storage = bench.allocate(ask);
            for (Audit aspect : Audit.values()) {
                aspect.look(ask, storage);
            }
        } catch (DmaBufException e) {
            throw new Inapplicable("it refuses: " + e.getMessage());
        }
    }

    private static void flags(Bench bench) {
        Set<String> all = new TreeSet<>(Set.of(BufferFlags.CACHED, BufferFlags.WRITE_COMBINE, BufferFlags.NO_CPU));
        all.addAll(bench.specimen().spec().flags());
        for (String flag : all) {
            Optional<Allocation> storage = bench.tried(bench.ask(bench.piece()).flagged(Set.of(flag)));
            storage.ifPresent(bench::release);
        }
    }

    private static void huge(Bench bench) {
        AllocatorStatistics before = bench.statistics();
        for (long size : new long[] {1L << 40, 1L << 62, Long.MAX_VALUE - 8191, Long.MAX_VALUE}) {
            Ask ask = bench.ask(size);
            Optional<Allocation> storage = bench.tried(ask);
            if (storage.isPresent()) {
                Audit.SIZE.look(ask, storage.get());
                bench.release(storage.get());
            }
        }
        AllocatorStatistics after = bench.statistics();
        Violation.unless(
                after.used() == before.used() && after.free() == before.free() && after.live() == before.live(),
                "statistics() after sizes up to 2^63-1 were refused", after.toString(), before.toString());
    }
}
