// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.shell.text.BytePattern;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;

/** Storage that its allocator moves together. */
final class CompactionChecks {
    private static final String GROUP = "compaction";

    private CompactionChecks() {}

    static List<Check> all() {
        return List.of(
                new Check("compaction", GROUP,
                        "storage moves to free places with its bytes, and the books follow each move",
                        "Allocator.compact; CompactionRequest", bench -> play(bench, _ -> true)),
                new Check("move-refused", GROUP, "storage whose move is refused stays where it is, also in the books",
                        "CompactionRequest.move", CompactionChecks::refused));
    }

    private static void refused(Bench bench) {
        play(bench, number -> number % 2 == 0);
        bench.ledger().live().forEach(bench::release);
        play(bench, _ -> false);
    }

    /** Makes every other piece a hole, compacts, and fills all that is then said to be free. */
    private static void play(Bench bench, IntPredicate permitted) {
        long piece = bench.piece();
        AllocatorStatistics start = bench.statistics();
        List<Allocation> all = new ArrayList<>(bench.fill(piece));
        for (int i = 0; i < all.size(); i += 2) {
            bench.release(all.get(i));
        }
        all.retainAll(bench.ledger().live());
        for (Allocation storage : all) {
            ContentChecks.write(storage, BytePattern.ofSeed(storage.cookie()));
        }
        AllocatorStatistics before = bench.statistics();
        compact(bench, permitted);
        BookChecks.settled(bench.statistics(), before, "after the compaction");
        for (Allocation storage : bench.ledger().live()) {
            ContentChecks.see(bench, storage, BytePattern.ofSeed(storage.cookie()), "after the compaction");
        }
        for (int i = 0; i < start.free() / piece && bench.allocateApart(bench.ask(piece)).isPresent(); i++) {
            // until it is full, or as much was asked for as there can be
        }
        bench.ledger().live().forEach(bench::release);
        BookChecks.settled(bench.statistics(), start, "when all is back after the compaction");
    }

    private static void compact(Bench bench, IntPredicate permitted) {
        Rearrangement request = new Rearrangement(bench, permitted);
        bench.watch().run("compact", "compact(" + request.idle().size() + " storages)", () -> bench.allocator().compact(request));
        request.end();
        if (request.asked() == 0) {
            throw new Inapplicable("it moves nothing");
        }
    }
}
