// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.BufferFlags;
import dmabuf.api.BufferRequest;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.MemoryService;
import dmabuf.core.quota.Quotas;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;

/**
 * The whole runtime, without OSGi: the registries, the living buffers, and the parts that work on them. Order of locks:
 * a buffer's lock first, then that of a registry, of the claims or of the quotas, which are held for moments and call
 * nothing. A fence needs none: it changes first, and only tries the lock of its buffer then.
 */
final class Core implements AutoCloseable {
    private static final Set<String> COMMON_FLAGS =
            Set.of(BufferFlags.CACHED, BufferFlags.WRITE_COMBINE, BufferFlags.NO_CPU);

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
    private final Policies policies;
    private final Backing backing;
    private final Compaction compaction = new Compaction(this);
    private final Storing storing = new Storing(this);
    private final Deadlines deadlines;
    private final Readiness readiness = new Readiness(this);
    private final Vacating vacating = new Vacating(this);
    private final Fences fences = new Fences(this);
    private final Attaching attaching = new Attaching(this);
    private final Arrivals arrivals = new Arrivals(this);
    private final ConcurrentNavigableMap<Long, Buffer> buffers = new ConcurrentSkipListMap<>();
    private final AtomicLong lastId = new AtomicLong();
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
        this.policies = new Policies(foreign);
        Cap cap = new Cap(() -> this.settings.capBytes().orElse(memory.capacity()));
        this.backing = new Backing(memory, cap, quotas, claims);
    }

    MemoryService memory() {
        return memory;
    }

    Settings settings() {
        return settings;
    }

    /** Puts other settings in force; what is under way goes on with the old ones. */
    void configure(Settings value) {
        settings = value;
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

    Policies policies() {
        return policies;
    }

    Backing backing() {
        return backing;
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

    Arrivals arrivals() {
        return arrivals;
    }

    /** Returns the living buffers, by id. */
    Collection<Buffer> buffers() {
        return buffers.values();
    }

    /** Returns what is present, as one snapshot. */
    Presence presence(boolean waitsForAllocator) {
        return new Presence(
                allocators.snapshot().active(), mappers.active(), waitsForAllocator, settings.accessBits());
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

    /** Creates a buffer and its first reference. */
    BufferReference create(BufferRequest request, Owner owner) {
        checkFlags(request);
        long id = lastId.incrementAndGet();
        String name = request.name().orElseGet(owner::bufferName);
        Buffer buffer = new Buffer(this, id, request, Want.of(name, request, memory.pageSize(), owner), owner);
        BufferReference reference = new BufferReference(buffer, owner);
        buffer.addReference(reference);
        buffer.exclusively(false, () -> {
            buffers.put(id, buffer);
            chronicle.created(buffer);
            buffer.expectation().watch(readiness.watch(buffer));
            return buffer;
        });
        return confirmed(reference);
    }

    /** Opens another reference to a buffer. */
    BufferReference open(long id, Owner owner) {
        Buffer buffer = buffers.get(id);
        if (buffer == null) {
            boolean everWas = id >= 1 && id <= lastId.get();
            throw everWas
                    ? new DmaBufException(Reason.GONE, "buffer " + id + " is released")
                    : new DmaBufException(Reason.INVALID, "there never was a buffer " + id);
        }
        BufferReference reference = new BufferReference(buffer, owner);
        buffer.exclusively(false, () -> {
            if (buffer.phase() instanceof Phase.Released) {
                throw Storing.released(buffer);
            }
            buffer.addReference(reference);
            return reference;
        });
        return confirmed(reference);
    }

    /** Takes a reference back when its owner or the core went while it was opened, and so may not have found it. */
    private static BufferReference confirmed(BufferReference reference) {
        try {
            reference.check();
            return reference;
        } catch (DmaBufException e) {
            reference.close();
            throw e;
        }
    }

    void checkFlags(BufferRequest request) {
        for (String flag : request.flags()) {
            boolean known = COMMON_FLAGS.contains(flag)
                    || allocators.snapshot().active().stream()
                            .anyMatch(entry -> entry.spec().flags().contains(flag));
            if (!known) {
                throw new DmaBufException(
                        Reason.INVALID, "flag " + flag + " is known neither to the runtime nor to an allocator");
            }
        }
    }

    void forget(Buffer buffer) {
        buffers.remove(buffer.id(), buffer);
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
        List<Buffer> left = Sweep.within(arrivals.sweepNanos(), journal, buffers(), _ -> {});
        allocators.clear();
        foreign.close();
        if (!left.isEmpty()) {
            journal.warn(left.size() + " buffers are still at work and end later");
            Sweep.later(journal, left, _ -> {});
        }
    }
}
