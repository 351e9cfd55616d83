// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Quantity;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.Participant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;

/**
 * One check's allocator, asked as the runtime asks: what a failed request obtained is taken back, what was returned is
 * booked as live and released once. Everything is given back when the bench is closed.
 */
final class Bench implements AutoCloseable {
    /** More storages at a time would run into the limit of descriptors. */
    private static final int MOST = 64;

    /** What is written and read is no more than this. */
    private static final long ENOUGH = 64L << 20;

    private final Candidate candidate;
    private final Watch watch;
    private final Ledger ledger = new Ledger();
    private final Random random;
    private OptionalLong free = OptionalLong.empty();
    /** Made when first needed: a check of the bundle itself must not hold on to its objects. */
    private Optional<Specimen> specimen = Optional.empty();

    Bench(Candidate candidate, long seed) {
        this.candidate = candidate;
        this.watch = candidate.watch();
        this.random = new Random(seed);
    }

    Candidate candidate() {
        return candidate;
    }

    synchronized Specimen specimen() {
        if (specimen.isEmpty()) {
            specimen = Optional.of(candidate.fresh());
        }
        return specimen.get();
    }

    /** Puts another specimen on the bench. */
    synchronized void use(Specimen other) {
        specimen = Optional.of(other);
    }

    Allocator allocator() {
        return specimen().allocator();
    }

    MemoryService memory() {
        return candidate.tools().memory();
    }

    Ledger ledger() {
        return ledger;
    }

    Watch watch() {
        return watch;
    }

    Random random() {
        return random;
    }

    /** Returns the calls of requests that were over, of all benches. */
    List<String> trespasses() {
        return candidate.trespasses();
    }

    /** Returns the device that the allocator serves gladly. */
    Participant friend() {
        return candidate.friends().of(this);
    }

    /** Returns the device on whose pages a request can put limits. */
    Participant directFriend() {
        Participant friend = friend();
        if (friend.path().iommu().isPresent()) {
            throw new Inapplicable("it serves only devices behind an IOMMU, which put no such limit on the pages");
        }
        return friend;
    }

    /** Returns the friend with further constraints. */
    Participant friend(DmaConstraints more) {
        return with(friend(), more);
    }

    static Participant with(Participant device, DmaConstraints more) {
        return new Participant(
                device.device(),
                device.path().withConstraints(device.path().constraints().combine(more)));
    }

    Ask ask(long byteSize) {
        return new Ask(this, byteSize).of(List.of(friend()));
    }

    boolean match(Participant device) {
        return watch.call("match", "match(" + device.path() + ")", () -> allocator().match(device));
    }

    AllocatorStatistics statistics() {
        return watch.call("statistics", "statistics()", () -> allocator().statistics());
    }

    /**
     * Allocates, without a look at what came but that it is there.
     *
     * @throws DmaBufException why it was refused
     */
    Allocation allocate(Ask ask) {
        Allocation storage;
        try {
            storage = watch.call("allocate", ask.toString(), () -> allocator().allocate(ask));
        } catch (RuntimeException e) {
            ledger.drop(ask);
            ask.given().forEach(Memory::close);
            throw e;
        } finally {
            ask.end();
        }
        ledger.open(storage, ask);
        return storage;
    }

    /** Allocates, and looks whether the storage overlaps live storage. */
    Optional<Allocation> allocateApart(Ask ask) {
        Optional<Allocation> storage = tried(ask);
        for (Allocation other : storage.isEmpty() ? List.<Allocation>of() : ledger.live()) {
            if (other != storage.get()) {
                apart(ask, storage.get(), other);
            }
        }
        return storage;
    }

    private static void apart(Ask ask, Allocation storage, Allocation other) {
        for (var mine : storage.segments()) {
            for (var theirs : other.segments()) {
                Optional<AddressRange> common = mine.range().intersect(theirs.range());
                Violation.unless(
                        common.isEmpty(), ask.toString(),
                        "segment " + mine + ", which overlaps live storage at " + theirs, "addresses that are free");
            }
        }
    }

    /** Allocates beside other threads, and looks in the books whether the storage overlaps what is live. */
    Optional<Allocation> booked(Ask ask) {
        try {
            Allocation storage = watch.call(
                    "allocate", ask.toString(), () -> allocator().allocate(ask));
            ask.end();
            ledger.open(storage, ask).ifPresent(common -> {
                throw new Violation(ask.toString(), "live storage of another thread at " + common, "addresses that are free");
            });
            return Optional.of(storage);
        } catch (DmaBufException e) {
            ask.end();
            ledger.drop(ask);
            ask.given().forEach(Memory::close);
            return Optional.empty();
        }
    }

    /** Allocates, or answers empty when it was refused. */
    Optional<Allocation> tried(Ask ask) {
        try {
            return Optional.of(allocate(ask));
        } catch (DmaBufException e) {
            return Optional.empty();
        }
    }

    /** Gives storage back. */
    void releaseLoudly(Allocation storage) {
        ledger.close(storage);
        try {
            watch.run("release", "release(" + storage.segments() + ")", () -> allocator().release(storage));
        } finally {
            storage.memory().close();
        }
    }

    /** Gives storage back; that release throws is what another check is about. */
    void release(Allocation storage) {
        try {
            releaseLoudly(storage);
        } catch (Violation | DmaBufException e) {
            // As the runtime does: the storage is gone either way.
        }
    }

    /** Gives storage back whose allocator left. */
    void forget(Allocation storage) {
        ledger.close(storage);
        storage.memory().close();
    }

    /** Returns how much was free before the check took any. */
    long free() {
        if (free.isEmpty()) {
            free = OptionalLong.of(statistics().free());
        }
        if (free.getAsLong() == 0) {
            throw new Inapplicable("nothing is free");
        }
        return free.getAsLong();
    }

    /** Returns the same for a check that takes all of it; a pool that the machine cannot fill does not apply. */
    long capacity() {
        long most = memory().capacity() / 2;
        if (Long.compareUnsigned(free(), most) > 0) {
            throw new Inapplicable(Quantity.format(free()) + " is free, and the suite can fill at most "
                    + Quantity.format(most) + ": configure less");
        }
        return free();
    }

    /** Returns a size of which several fit, and of which all bytes can be written. */
    long piece() {
        return part(room(), MOST);
    }

    /** Returns a size by which the whole pool is filled. */
    long slice() {
        return part(capacity(), MOST);
    }

    /** Returns a part of what is free, in whole pages. */
    long share(int parts) {
        return part(room(), parts);
    }

    private long part(long whole, int parts) {
        long page = memory().pageSize();
        return Math.max(page, whole / parts / page * page);
    }

    private long room() {
        return Long.compareUnsigned(free(), ENOUGH) > 0 ? ENOUGH : free();
    }

    /** Returns a random size from 1 byte to a part of what is free. */
    long randomSize(int parts) {
        return 1 + Math.floorMod(random.nextLong(), share(parts));
    }

    /** Fills the pool with pieces until it refuses one. */
    List<Allocation> fill(long piece) {
        List<Allocation> all = new ArrayList<>();
        Optional<Allocation> next = tried(ask(piece));
        while (next.isPresent()) {
            all.add(next.get());
            next = all.size() > 2 * MOST ? Optional.empty() : tried(ask(piece));
        }
        if (all.isEmpty()) {
            throw new Inapplicable("it refuses " + Quantity.format(piece) + " although nothing is out");
        }
        return all;
    }

    @Override
    public void close() {
        ledger.live().forEach(this::release);
        if (specimen.isPresent() && !isClean()) {
            candidate.soil();
        }
    }

    private boolean isClean() {
        try {
            AllocatorStatistics figures = statistics();
            return figures.live() == 0 && figures.used() == 0;
        } catch (RuntimeException e) {
            return false;
        }
    }
}
