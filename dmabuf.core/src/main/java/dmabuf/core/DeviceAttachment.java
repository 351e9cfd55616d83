// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Attachment;
import dmabuf.api.Blame;
import dmabuf.api.Direction;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaPath;
import dmabuf.api.Explanation;
import dmabuf.api.FenceUsage;
import dmabuf.api.HoldingKind;
import dmabuf.api.MapRequest;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.spi.Participant;
import dmabuf.core.negotiation.Member;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One device's membership. Its state changes under the buffer's lock. */
final class DeviceAttachment implements Attachment, Held {
    private static final Optional<FenceUsage> READS = Optional.of(FenceUsage.READ);
    private static final Optional<FenceUsage> WRITES = Optional.of(FenceUsage.WRITE);

    private static final VarHandle ENDED = Unfenced.field(MethodHandles.lookup(), "ended", End.class);

    private final Buffer buffer;
    private final Owner owner;
    private final DeviceEntry entry;
    private final Member member;
    private final Trace trace;

    /** The way that was chosen for it; null for the one that the device likes best. */
    private volatile @Nullable DmaPath chosen;

    private volatile int earlyMaps;

    /** Why it is a member no more; null while it is one. */
    private volatile @Nullable End ended;

    private @Nullable DeviceView view;

    private enum End {
        DETACHED,
        /** The device, the owner or the core went. */
        LEFT
    }

    /** Creates a membership; the member's ways are those of the device, as policies narrowed them. */
    DeviceAttachment(Buffer buffer, Owner owner, DeviceEntry entry, Member member, Trace trace) {
        this.buffer = buffer;
        this.owner = owner;
        this.entry = entry;
        this.member = member;
        this.trace = trace;
    }

    @Override
    public String device() {
        return member.name();
    }

    @Override
    public HoldingKind kind() {
        return HoldingKind.ATTACHMENT;
    }

    @Override
    public Owner owner() {
        return owner;
    }

    @Override
    public Optional<String> concerned() {
        return Optional.of(device());
    }

    @Override
    public Trace trace() {
        return trace;
    }

    DeviceEntry entry() {
        return entry;
    }

    /** Returns the device as a negotiation sees it, free to choose its way. */
    Member member() {
        return member;
    }

    /** Returns the device with the way that was chosen for it, and only that. */
    Member settled() {
        return member.on(path());
    }

    DmaPath path() {
        DmaPath taken = chosen;
        return taken == null ? member.paths().getFirst() : taken;
    }

    void take(DmaPath path) {
        if (!path().equals(path)) {
            chosen = path;
        }
    }

    Participant participant() {
        return new Participant(device(), path());
    }

    int earlyMaps() {
        return earlyMaps;
    }

    /** Counts a later attach that could not join because this device's map had fixed the storage. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // written under the buffer's lock only
    void countEarlyMap() {
        earlyMaps++;
    }

    int mappings(List<Holder> holders) {
        int count = 0;
        for (Holder holder : holders) {
            if (holder instanceof DeviceMapping mapping && mapping.attachment() == this) {
                count++;
            }
        }
        return count;
    }

    boolean isMapped() {
        return mappings(buffer.holders()) > 0;
    }

    @Override
    public Mapping map(MapRequest request) {
        buffer.lock().enter(request.isTrying(), buffer);
        try {
            return map(buffer.core().storing().ready(
                    buffer, request.isTrying(), usage(request.direction()), this::check), request);
        } catch (DmaBufException e) {
            throw buffer.refused(e);
        } finally {
            buffer.leave();
        }
    }

    private DeviceMapping map(Storing.Ready ready, MapRequest request) {
        boolean mapped = false;
        try {
            DeviceMapping mapping = map(ready.storage(), request);
            mapped = true;
            return mapping;
        } finally {
            if (!mapped && ready.fresh()) {
                buffer.unback(ready.storage());
            }
        }
    }

    private static Optional<FenceUsage> usage(Direction direction) {
        return direction == Direction.TO_DEVICE ? READS : WRITES;
    }

    /** Maps storage, under the buffer's lock. Waits for no fence. */
    DeviceMapping map(Storage storage, MapRequest request) {
        DeviceView used = view(storage);
        boolean mapped = false;
        try {
            DeviceMapping mapping = new DeviceMapping(this, used, request);
            mapped = true; // From now on the mapping is what ends the use.
            buffer.hold(mapping);
            return mapping;
        } finally {
            if (!mapped) {
                used.release();
            }
        }
    }

    /** Returns the view on this storage, with one more use; a mapper that left serves nobody new. */
    private DeviceView view(Storage storage) {
        DeviceView current = view;
        if (current == null || !current.suits(storage, path())) {
            current = DeviceView.open(buffer.core(), storage, participant());
            view = current;
        }
        current.use();
        return current;
    }

    void check() {
        buffer.core().check();
        owner.check();
        switch (ended) {
            case null -> {}
            case DETACHED ->
                throw new DmaBufException(Reason.GONE, "device " + device() + " is detached from " + name());
            case LEFT -> throw new DmaBufException(Reason.GONE, "device " + device() + " has left " + name());
        }
    }

    private String name() {
        return "buffer " + buffer.want().name();
    }

    Buffer buffer() {
        return buffer;
    }

    /** Marks the membership as ended from outside; the buffer takes it out of its list. */
    void leave() {
        if (ended == null) {
            ENDED.setRelease(this, End.LEFT);
        }
    }

    @Override
    public void close() {
        if (ended == null) {
            buffer.giveUp(this::detach);
        }
    }

    private void detach() {
        if (ended != null) {
            return;
        }
        if (isMapped()) {
            throw buffer.refused(new DmaBufException(Explanation.of(
                    Reason.BUSY,
                    "device " + device() + " is mapped: unmap before it detaches from " + name(),
                    List.of(Blame.of(device())))));
        }
        ENDED.setRelease(this, End.DETACHED);
        buffer.core().attaching().remove(buffer, List.of(this));
    }
}
