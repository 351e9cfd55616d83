// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.DmaBufException;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocatorStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What is out and what comes back. */
final class BookChecks {
    private static final String GROUP = "books";
    private static final int STEPS = 300;
    private static final int ROUNDS = 4;

    private BookChecks() {}

    static List<Check> all() {
        return List.of(
                new Check("overlap", GROUP, "no two live storages share an address",
                        "Allocator.allocate", BookChecks::overlap),
                new Check("statistics", GROUP,
                        "live, used and high water follow from what is out; free is as before when all is back",
                        "AllocatorStatistics", BookChecks::statistics),
                new Check("failures-counted", GROUP, "a request that failed counts once as failed",
                        "AllocatorStatistics.failed", BookChecks::failures),
                new Check("drain", GROUP, "what was given back can be had again, round after round",
                        "Allocator.release", BookChecks::drain),
                new Check("release-quiet", GROUP, "release does not throw",
                        "Allocator.release", BookChecks::quiet));
    }

    private static void overlap(Bench bench) {
        List<Allocation> live = new ArrayList<>();
        long[] sizes = {bench.piece(), bench.piece() / 2, bench.randomSize(8), bench.randomSize(32)};
        for (int step = 0; step < STEPS; step++) {
            bench.allocateApart(bench.ask(sizes[bench.random().nextInt(sizes.length)])).ifPresent(live::add);
            boolean full = live.size() > 24 || bench.random().nextInt(3) == 0;
            if (full && !live.isEmpty()) {
                bench.release(live.remove(bench.random().nextInt(live.size())));
            }
        }
    }

    private static void statistics(Bench bench) {
        AllocatorStatistics start = bench.statistics();
        List<Allocation> live = new ArrayList<>();
        long used = start.used();
        long most = start.highWater();
        for (int step = 0; step < STEPS; step++) {
            Optional<Allocation> next = bench.tried(bench.ask(bench.randomSize(16)));
            if (next.isPresent()) {
                live.add(next.get());
                used += bench.ledger().ask(next.get()).orElseThrow().storageSize();
            }
            most = Math.max(most, used);
            add(bench.statistics(), start, live.size(), used, most);
            if (live.size() > 12) {
                Allocation old = live.remove(bench.random().nextInt(live.size()));
                used -= bench.ledger().ask(old).orElseThrow().storageSize();
                bench.release(old);
                add(bench.statistics(), start, live.size(), used, most);
            }
        }
        live.forEach(bench::release);
        settled(bench.statistics(), start, "when all is back");
    }

    private static void add(AllocatorStatistics now, AllocatorStatistics start, int live, long used, long most) {
        figure("live", now.live(), start.live() + live);
        figure("used", now.used(), used);
        figure("highWater", now.highWater(), most);
        Violation.unless(
                Long.compareUnsigned(now.largestFree(), now.free()) <= 0, "statistics().largestFree",
                String.valueOf(now.largestFree()), "at most free=" + now.free());
    }

    private static void figure(String name, long came, long right) {
        Violation.unless(came == right, "statistics()." + name, String.valueOf(came), String.valueOf(right));
    }

    /** Throws when not all is as it was. */
    static void settled(AllocatorStatistics now, AllocatorStatistics start, String when) {
        boolean same = now.live() == start.live() && now.used() == start.used() && now.free() == start.free();
        Violation.unless(
                same, "statistics() " + when, figures(now), figures(start));
    }

    static String figures(AllocatorStatistics figures) {
        return "live=" + figures.live() + " used=" + figures.used() + " free=" + figures.free();
    }

    private static void failures(Bench bench) {
        long before = bench.statistics().failed();
        Ask ask = bench.ask(2 * bench.free());
        try {
            bench.allocate(ask);
            throw new Inapplicable("it serves more than it has");
        } catch (DmaBufException e) {
            figure("failed", bench.statistics().failed(), before + 1);
        }
    }

    private static void drain(Bench bench) {
        long piece = bench.slice();
        long free = bench.statistics().free();
        int first = 0;
        for (int round = 1; round <= ROUNDS; round++) {
            List<Allocation> all = new ArrayList<>(bench.fill(piece));
            first = first == 0 ? all.size() : first;
            Violation.unless(
                    all.size() == first, "fill the pool, round " + round, all.size() + " pieces",
                    first + " pieces, as in the first round");
            while (!all.isEmpty()) {
                bench.release(all.remove(bench.random().nextInt(all.size())));
            }
            figure("free", bench.statistics().free(), free);
        }
    }

    private static void quiet(Bench bench) {
        List<Allocation> all = bench.fill(bench.piece());
        for (Allocation storage : all) {
            try {
                bench.releaseLoudly(storage);
            } catch (DmaBufException e) {
                throw new Violation("release(" + storage.segments() + ")", Watch.describe(e), "that it does not throw");
            }
        }
    }
}
