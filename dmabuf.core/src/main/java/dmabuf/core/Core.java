// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.MemoryService;
import dmabuf.core.quota.Quotas;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * The whole runtime, without OSGi: the registries, the living buffers, and the parts that work on them. Order of locks:
 * a set's pattern first, a buffer's lock next, then that of a registry, of the claims or of the quotas, which are held for
 * moments and call nothing. A fence needs none: it changes first, and only tries the lock of its buffer then.
 */
final class Core implements AutoCloseable {
    /** How often a decision is taken again while allocators come and go under it. */
    private static final int MAX_TRIES = 16;

    private final MemoryService memory;
    private final Journal journal;
    private final ForeignCode foreign;
    private final Claims claims = new Claims();
    private final Quotas quotas = new Quotas();
    private final Events events;
    private final Chronicle chronicle;
    private final Allocators allocators;
    private final Devices devices;
    private final Mappers mappers;
    private final Presences presences;
    private final Policies policies;
    private final Cap cap;
    private final Shelf shelf = new Shelf(this);
    private final Backing backing;
    private final Compaction compaction = new Compaction(this);
    private final Storing storing = new Storing(this);
    private final Deadlines deadlines;
    private final Readiness readiness = new Readiness(this);
    private final Vacating vacating = new Vacating(this);
    private final Fences fences = new Fences(this);
    private final Attaching attaching = new Attaching(this);
    private final Opening opening = new Opening(this);
    private final Sets sets = new Sets(this);
    private final Arrivals arrivals = new Arrivals(this);
    private final BufferTable buffers = new BufferTable();
    private final Trace.Latest latest = new Trace.Latest();
    private volatile Settings settings;
    private volatile boolean closed;

    @SuppressWarnings("this-escape") // the parts keep the reference and use it only when they are called
    Core(MemoryService memory, Settings settings, Journal journal) {
        this.memory = memory;
        this.settings = settings;
        this.journal = journal;
        this.foreign = new ForeignCode(() -> this.settings.foreignDeadline());
        this.events = new Events(foreign, journal);
        this.chronicle = new Chronicle(events);
        this.deadlines = new Deadlines(journal);
        this.allocators = new Allocators(chronicle);
        this.devices = new Devices(chronicle);
        this.mappers = new Mappers(foreign, chronicle);
        this.presences = new Presences(allocators, mappers, () -> this.settings.accessBits());
        this.policies = new Policies(foreign);
        this.cap = new Cap(() -> this.settings.capBytes().orElse(memory.capacity()));
        this.backing = new Backing(memory, cap, quotas, claims, shelf);
    }

    MemoryService memory() {
        return memory;
    }

    Settings settings() {
        return settings;
    }

    /** Puts other settings in force; what is under way goes on with the old ones. Storage that lies ready is given back. */
    void configure(Settings value) {
        settings = value;
        shelf.clear();
    }

    Journal journal() {
        return journal;
    }

    ForeignCode foreign() {
        return foreign;
    }

    Events events() {
        return events;
    }

    Chronicle chronicle() {
        return chronicle;
    }

    Trace.Latest latest() {
        return latest;
    }

    Claims claims() {
        return claims;
    }

    Quotas quotas() {
        return quotas;
    }

    Allocators allocators() {
        return allocators;
    }

    Devices devices() {
        return devices;
    }

    Mappers mappers() {
        return mappers;
    }

    Presences presences() {
        return presences;
    }

    Policies policies() {
        return policies;
    }

    Backing backing() {
        return backing;
    }

    Cap cap() {
        return cap;
    }

    Shelf shelf() {
        return shelf;
    }

    Compaction compaction() {
        return compaction;
    }

    Storing storing() {
        return storing;
    }

    Vacating vacating() {
        return vacating;
    }

    Fences fences() {
        return fences;
    }

    Deadlines deadlines() {
        return deadlines;
    }

    Readiness readiness() {
        return readiness;
    }

    Attaching attaching() {
        return attaching;
    }

    Opening opening() {
        return opening;
    }

    Sets sets() {
        return sets;
    }

    Arrivals arrivals() {
        return arrivals;
    }

    /** Returns the living buffers, by id. */
    List<Buffer> buffers() {
        return buffers.all();
    }

    /** Returns what is present, as one snapshot: the same until something changes. */
    Presence presence(boolean waitsForAllocator) {
        return presences.now(waitsForAllocator);
    }

    /**
     * Decides on the ground of what is present; again when it was refused while an allocator left, whose successor may
     * already be there.
     */
    <T> T decide(boolean waitsForAllocator, Function<Presence, T> decision) {
        for (int tries = 1; ; tries++) {
            Presence present = presence(waitsForAllocator);
            try {
                return decision.apply(present);
            } catch (DmaBufException e) {
                if (!present.isStale() || tries == MAX_TRIES) {
                    throw e;
                }
            }
        }
    }

    /** Returns the device that a name, short name or filter means; says so when a filter meant several. */
    DeviceEntry resolve(String text) {
        DeviceNames names = devices.snapshot();
        DeviceEntry device = names.resolve(text);
        long matches = names.matches(text);
        if (matches > 1) {
            journal.note(text + " matches " + matches + " devices; taken is the first by path, " + device.name());
        }
        return device;
    }

    Optional<Buffer> buffer(long id) {
        return Optional.ofNullable(buffers.find(id));
    }

    /** Makes a buffer known, under its lock: whoever leaves from now on finds it. */
    void register(Buffer buffer) {
        buffers.add(buffer);
        chronicle.created(buffer);
    }

    void forget(Buffer buffer) {
        buffers.remove(buffer);
    }

    boolean isClosed() {
        return closed;
    }

    /** Refuses with GONE once the core is closed. */
    void check() {
        if (closed) {
            throw new DmaBufException(Reason.GONE, "the runtime has stopped");
        }
    }

    /**
     * Ends everything. What cannot be ended in time, because somebody is at work on it or because foreign code keeps
     * hanging, is ended on a thread of its own, and foreign code is not asked about that any more.
     */
    @Override
    public void close() {
        closed = true;
        deadlines.close();
        sets.close();
        shelf.clear();
        List<Buffer> left = Sweep.within(arrivals.sweepNanos(), journal, buffers(), _ -> {});
        allocators.clear();
        foreign.close();
        if (!left.isEmpty()) {
            journal.warn(left.size() + " buffers are still at work and end later");
            Sweep.later(journal, left, _ -> {});
        }
    }
}
