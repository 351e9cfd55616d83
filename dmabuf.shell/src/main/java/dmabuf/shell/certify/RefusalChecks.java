// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.Participant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What an allocator says no with, and what is left then. */
final class RefusalChecks {
    private static final String GROUP = "refusals";
    private static final String ALLOCATE = "Allocator.allocate";

    private RefusalChecks() {}

    static List<Check> all() {
        return List.of(
                new Check("out-of-memory", GROUP, "OUT_OF_MEMORY when less is free than is asked for",
                        ALLOCATE + "; contract 5", RefusalChecks::outOfMemory),
                new Check("fragmented", GROUP, "FRAGMENTED when enough is free, only not in usable pieces",
                        ALLOCATE + "; contract 5", RefusalChecks::fragmented),
                new Check("memory-refused", GROUP, "a request that gets no memory leaves nothing behind",
                        "AllocationRequest.memory", RefusalChecks::memoryRefused),
                new Check("claim-refused", GROUP, "what others over the same RAM hold is not handed out",
                        "AllocationRequest.claim", RefusalChecks::claimRefused));
    }

    private static void outOfMemory(Bench bench) {
        long capacity = bench.capacity();
        bench.fill(bench.slice());
        refused(bench, bench.ask(bench.statistics().free() + 1), Reason.OUT_OF_MEMORY);
        refused(bench, bench.ask(2 * capacity), Reason.OUT_OF_MEMORY);
    }

    private static void refused(Bench bench, Ask ask, Reason right) {
        AllocatorStatistics figures = bench.statistics();
        String asked = ask + " with free=" + figures.free() + " largestFree=" + figures.largestFree();
        try {
            Allocation storage = bench.allocate(ask);
            throw new Violation(asked, "storage at " + storage.segments(), right.name());
        } catch (DmaBufException e) {
            Violation.unless(e.reason() == right, asked, e.reason() + ": " + e.getMessage(), right.name());
        }
    }

    /** Every other piece is free, and one device takes no two of them. */
    private static void fragmented(Bench bench) {
        Participant friend = bench.directFriend();
        Participant single = Bench.with(friend, DmaConstraints.builder().maxSegments(1).build());
        List<Allocation> all = new ArrayList<>(bench.fill(bench.slice()));
        all.sort((a, b) -> Long.compareUnsigned(first(a), first(b)));
        for (int i = 0; i < all.size(); i += 2) {
            bench.release(all.get(i));
        }
        AllocatorStatistics figures = bench.statistics();
        long size = 2 * bench.memory().pageSize() * (figures.largestFree() / bench.memory().pageSize());
        if (size > figures.free()) {
            throw new Inapplicable("its pool cannot be fragmented by the suite: " + figures);
        }
        Ask ask = new Ask(bench, size).of(List.of(single));
        Optional<Allocation> storage = Optional.empty();
        try {
            storage = Optional.of(bench.allocate(ask));
        } catch (DmaBufException e) {
            Violation.unless(
                    e.reason() == Reason.FRAGMENTED, ask + " with free=" + figures.free() + " largestFree="
                            + figures.largestFree(), e.reason() + ": " + e.getMessage(), Reason.FRAGMENTED.name());
        }
        storage.ifPresent(given -> Audit.TABLES.look(ask, given));
    }

    private static long first(Allocation storage) {
        return storage.segments().getFirst().address();
    }

    private static void memoryRefused(Bench bench) {
        long piece = bench.slice();
        AllocatorStatistics before = bench.statistics();
        for (int i = 0; i < 2 * before.free() / piece; i++) {
            Ask ask = bench.ask(piece).withoutMemory();
            try {
                bench.allocate(ask);
                throw new Inapplicable("it takes no memory from requests");
            } catch (DmaBufException e) {
                Violation.unless(
                        e.reason() == Reason.OUT_OF_MEMORY, ask + ", which gets no memory", e.reason() + ": " + e.getMessage(),
                        "OUT_OF_MEMORY, as the request said");
            }
        }
        BookChecks.settled(bench.statistics(), before, "after requests that got no memory");
    }

    /** Somebody else holds all that the allocator hands out first, and half of the rest. */
    private static void claimRefused(Bench bench) {
        long piece = bench.slice();
        List<AddressRange> held = bench.fill(piece).stream()
                .flatMap(storage -> storage.segments().stream())
                .map(Segment::range)
                .filter(_ -> bench.random().nextBoolean())
                .toList();
        bench.ledger().live().forEach(bench::release);
        AllocatorStatistics before = bench.statistics();
        boolean claims = false;
        for (int i = 0; i < before.free() / piece; i++) {
            Ask ask = bench.ask(piece).besides(range -> meets(held, range).isPresent());
            Optional<Allocation> storage = bench.tried(ask);
            claims |= ask.wasRefusedAClaim();
            if (claims && storage.isPresent()) {
                storage.get().segments().forEach(segment -> Violation.unless(
                        meets(held, segment.range()).isEmpty(), ask.toString(),
                        "segment " + segment + ", which others hold", "addresses that could be claimed"));
            }
        }
        if (!claims) {
            throw new Inapplicable("it claims nothing: its addresses must be its own alone");
        }
        bench.ledger().live().forEach(bench::release);
        BookChecks.settled(bench.statistics(), before, "after others held a part");
    }

    private static Optional<AddressRange> meets(List<AddressRange> held, AddressRange range) {
        return held.stream().flatMap(each -> each.intersect(range).stream()).findFirst();
    }
}
