// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Direction;
import dmabuf.api.DmaBufEvent;
import dmabuf.api.DmaBufException;
import dmabuf.api.EventKind;
import dmabuf.api.Explanation;
import dmabuf.api.LeftOut;
import dmabuf.api.Quantity;
import java.time.Instant;
import java.util.List;
import java.util.Locale;

/**
 * Words what happens as events, when somebody wants them. Called where it takes effect, under the lock that guards it;
 * costs nothing but the question when nobody listens.
 */
final class Chronicle {
    private final Events events;

    Chronicle(Events events) {
        this.events = events;
    }

    /** Posts an event whose line is put together when somebody reads it: of a buffer, whose name comes first, or of others. */
    private void post(DmaBufEvent.Fields fields, String... words) {
        events.post(fields.words(words).build());
    }

    /** Posts what a buffer's life is made of, many times a second: nothing is put together, not even the parts of the line. */
    private void post(DmaBufEvent.Fields fields, Line line, String detail) {
        events.post(fields.line(line.pattern, detail).build());
    }

    /** The lines of these events. */
    private enum Line {
        CREATED(" of {detail} created by {bundle}"),
        ATTACHED(" is shared with {device}"),
        DETACHED(" is no longer shared with {device}"),
        MAPPED(" is mapped for {device}, {detail}"),
        UNMAPPED(" is unmapped for {device}"),
        RELEASED(" is released");

        private final String pattern;

        Line(String pattern) {
            this.pattern = pattern;
        }
    }

    private static DmaBufEvent.Fields of(EventKind kind) {
        return DmaBufEvent.of(kind, Instant.now());
    }

    private static DmaBufEvent.Fields of(EventKind kind, Buffer buffer) {
        return of(kind, Instant.now(), buffer);
    }

    private static DmaBufEvent.Fields of(EventKind kind, Instant moment, Buffer buffer) {
        return DmaBufEvent.of(kind, moment).buffer(buffer.id(), buffer.want().name()).bundle(buffer.creator().name());
    }

    void created(Buffer buffer) {
        if (events.wants(EventKind.BUFFER_CREATED)) {
            post(of(EventKind.BUFFER_CREATED, buffer), Line.CREATED, Quantity.format(buffer.request().byteSize()));
        }
    }

    void attached(Buffer buffer, List<DeviceAttachment> members) {
        if (events.wants(EventKind.BUFFER_ATTACHED)) {
            Instant moment = Instant.now();
            for (DeviceAttachment member : members) {
                post(of(EventKind.BUFFER_ATTACHED, moment, buffer).device(member.device()), Line.ATTACHED, "");
            }
        }
    }

    void detached(Buffer buffer, List<DeviceAttachment> members) {
        if (events.wants(EventKind.BUFFER_DETACHED)) {
            Instant moment = Instant.now();
            for (DeviceAttachment member : members) {
                post(of(EventKind.BUFFER_DETACHED, moment, buffer).device(member.device()), Line.DETACHED, "");
            }
        }
    }

    void allocated(Buffer buffer, Storage storage) {
        if (events.wants(EventKind.BUFFER_ALLOCATED)) {
            post(of(EventKind.BUFFER_ALLOCATED, buffer).allocator(storage.allocator().id()),
                    " comes from ", storage.allocator().id(), ": ", size(buffer), " in ", runs(storage));
        }
    }

    void returned(Buffer buffer, Storage storage) {
        if (events.wants(EventKind.BUFFER_RETURNED)) {
            post(of(EventKind.BUFFER_RETURNED, buffer).previousAllocator(storage.allocator().id()),
                    " gave its storage back to " + storage.allocator().id()
                            + ": the call that needed it failed");
        }
    }

    void moved(Buffer buffer, Storage from, Storage to) {
        if (events.wants(EventKind.BUFFER_MOVED)) {
            String before = from.allocator().id();
            String after = to.allocator().id();
            post(of(EventKind.BUFFER_MOVED, buffer).previousAllocator(before).allocator(after),
                    " moved " + (before.equals(after) ? "inside " + after : "from " + before + " to " + after)
                            + ": " + size(buffer) + " in " + runs(to));
        }
    }

    private static String size(Buffer buffer) {
        return Quantity.format(buffer.want().demand().storageSize());
    }

    private static String runs(Storage storage) {
        int count = storage.runs().size();
        return storage.isPlaced() ? (count == 1 ? "1 run" : count + " runs") : storage.layout();
    }

    void orphaned(Buffer buffer, Storage storage, Explanation why) {
        if (events.wants(EventKind.BUFFER_ORPHANED)) {
            post(of(EventKind.BUFFER_ORPHANED, buffer).allocator(storage.allocator().id()).explanation(why),
                    " is orphaned: " + storage.allocator().id() + " left, and nobody can take it; "
                            + why.text());
        }
    }

    void renewed(Buffer pattern, long generation, int count, Storage storage) {
        if (events.wants(EventKind.SET_RENEWED)) {
            post(of(EventKind.SET_RENEWED, pattern).allocator(storage.allocator().id()),
                    " has " + count + " buffers from " + storage.allocator().id() + ", generation "
                            + generation);
        }
    }

    void refused(Buffer buffer, DmaBufException refusal) {
        if (events.wants(EventKind.BUFFER_REFUSED)) {
            post(of(EventKind.BUFFER_REFUSED, buffer).explanation(refusal.explanation()),
                    ": " + refusal.reason().errno() + " " + refusal.explanation().text());
        }
    }

    void leftOut(Buffer buffer, LeftOut device) {
        if (events.wants(EventKind.BUFFER_LEFT_OUT)) {
            post(of(EventKind.BUFFER_LEFT_OUT, buffer).device(device.device()).explanation(device.explanation()),
                    " goes on without " + device.device() + ": " + device.explanation().text());
        }
    }

    void overdue(Buffer buffer, Explanation laggards) {
        if (events.wants(EventKind.BUFFER_OVERDUE)) {
            post(of(EventKind.BUFFER_OVERDUE, buffer).explanation(laggards), ": " + laggards.text());
        }
    }

    void released(Buffer buffer) {
        if (events.wants(EventKind.BUFFER_RELEASED)) {
            post(of(EventKind.BUFFER_RELEASED, buffer), Line.RELEASED, "");
        }
    }

    void held(Buffer buffer, Holder holder) {
        if (holder instanceof DeviceMapping mapping && events.wants(EventKind.BUFFER_MAPPED)) {
            String device = mapping.attachment().device();
            post(of(EventKind.BUFFER_MAPPED, buffer).device(device).allocator(mapping.storage().allocator().id()),
                    Line.MAPPED, words(mapping.direction()));
        } else if (holder instanceof OpenAccess access && events.wants(EventKind.BUFFER_CPU_BEGUN)) {
            post(of(EventKind.BUFFER_CPU_BEGUN, buffer),
                    ": the CPU begins to " + access.mode().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        }
    }

    private static String words(Direction direction) {
        return switch (direction) {
            case TO_DEVICE -> "to device";
            case FROM_DEVICE -> "from device";
            case BIDIRECTIONAL -> "bidirectional";
        };
    }

    void letGo(Buffer buffer, Holder holder) {
        if (holder instanceof DeviceMapping mapping && events.wants(EventKind.BUFFER_UNMAPPED)) {
            String device = mapping.attachment().device();
            post(of(EventKind.BUFFER_UNMAPPED, buffer).device(device), Line.UNMAPPED, "");
        } else if (holder instanceof OpenAccess && events.wants(EventKind.BUFFER_CPU_ENDED)) {
            post(of(EventKind.BUFFER_CPU_ENDED, buffer), ": the CPU has ended");
        }
    }

    void allocatorArrived(AllocatorEntry entry, boolean stoodBy) {
        tell(EventKind.ALLOCATOR_ARRIVED, entry, stoodBy ? " takes over" : " serves");
    }

    void allocatorStandsBy(AllocatorEntry entry) {
        tell(EventKind.ALLOCATOR_STANDBY, entry, " stands by: its id is taken");
    }

    void allocatorChanged(AllocatorEntry before, AllocatorEntry after) {
        int was = before.spec().priority();
        int is = after.spec().priority();
        tell(EventKind.ALLOCATOR_CHANGED, after, was == is ? " states something else" : " changes its priority from " + was + " to " + is);
    }

    void allocatorLeft(AllocatorEntry entry) {
        tell(EventKind.ALLOCATOR_LEFT, entry, " left");
    }

    private void tell(EventKind kind, AllocatorEntry entry, String what) {
        if (events.wants(kind)) {
            post(of(kind).allocator(entry.id()).bundle(entry.bundle()),
                    "allocator " + entry.id() + " of " + entry.bundle() + what
                            + (kind == EventKind.ALLOCATOR_ARRIVED ? " with priority " + entry.spec().priority() : ""));
        }
    }

    void deviceArrived(DeviceEntry entry) {
        tell(EventKind.DEVICE_ARRIVED, entry, " is here");
    }

    void deviceLeft(DeviceEntry entry) {
        tell(EventKind.DEVICE_LEFT, entry, " left");
    }

    private void tell(EventKind kind, DeviceEntry entry, String what) {
        if (events.wants(kind)) {
            post(of(kind).device(entry.name()).bundle(entry.bundle()), "device " + entry.name() + what);
        }
    }

    void mapperArrived(String domain, boolean serves) {
        if (events.wants(EventKind.MAPPER_ARRIVED)) {
            post(of(EventKind.MAPPER_ARRIVED).domain(domain),
                    "a mapper for domain " + domain + (serves ? " serves" : " stands by: the domain has one"));
        }
    }

    void mapperLeft(String domain) {
        if (events.wants(EventKind.MAPPER_LEFT)) {
            post(of(EventKind.MAPPER_LEFT).domain(domain), "a mapper for domain " + domain + " left");
        }
    }

    void reclaimed(Owner owner) {
        if (events.wants(EventKind.OWNER_RECLAIMED)) {
            post(of(EventKind.OWNER_RECLAIMED).bundle(owner.name()),
                    "bundle " + owner.name() + " stopped: what it held is taken back");
        }
    }
}
