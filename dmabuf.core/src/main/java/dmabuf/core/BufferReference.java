// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AttachRequest;
import dmabuf.api.AttachResult;
import dmabuf.api.Attachment;
import dmabuf.api.BufferInfo;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuRequest;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Fence;
import dmabuf.api.FenceRequest;
import dmabuf.api.FenceSource;
import dmabuf.api.HoldingKind;
import dmabuf.api.Reason;
import dmabuf.api.UserMapping;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** One owner's counted reference to a buffer. */
class BufferReference implements DmaBuf, Held {
    private final Buffer buffer;
    private final Owner owner;
    private final Trace trace;
    private volatile boolean closed;

    BufferReference(Buffer buffer, Owner owner) {
        this.buffer = buffer;
        this.owner = owner;
        this.trace = Trace.of(buffer.core());
    }

    final Buffer buffer() {
        return buffer;
    }

    @Override
    public HoldingKind kind() {
        return HoldingKind.REFERENCE;
    }

    @Override
    public final Owner owner() {
        return owner;
    }

    @Override
    public Optional<String> concerned() {
        return Optional.empty();
    }

    @Override
    public Trace trace() {
        return trace;
    }

    @Override
    public long id() {
        return buffer.id();
    }

    @Override
    public long byteSize() {
        check();
        return buffer.request().byteSize();
    }

    @Override
    public BufferInfo info() {
        return BufferPicture.of(buffer);
    }

    @Override
    public Attachment attach(String device) {
        return attach(List.of(device)).getFirst();
    }

    @Override
    public List<Attachment> attach(List<String> devices) {
        check();
        List<String> names = List.copyOf(devices);
        return buffer.core().attaching().attach(buffer, owner, names, this::check);
    }

    @Override
    public AttachResult attach(AttachRequest request) {
        check();
        return buffer.core().attaching().attach(buffer, owner, request, this::check);
    }

    @Override
    public void awaitReady(Duration within) {
        check();
        buffer.core().readiness().await(buffer, within, this::check);
    }

    @Override
    public void withdrawExpected() {
        buffer.exclusively(false, () -> {
            check();
            buffer.withdrawExpected();
            return this;
        });
    }

    @Override
    public CpuAccess beginCpuAccess(CpuRequest request) {
        check();
        return CpuViews.begin(buffer, owner, request, this::check);
    }

    @Override
    public UserMapping mapForUser(CpuRequest request) {
        check();
        return CpuViews.map(buffer, owner, request, this::check);
    }

    @Override
    public FenceSource addFence(FenceRequest request) {
        check();
        return buffer.core().fences().add(buffer, owner, request, this::check);
    }

    @Override
    public Fence importSyncFile(int descriptor, FenceRequest request) {
        check();
        return buffer.core().fences().add(buffer, owner, descriptor, request, this::check);
    }

    @Override
    public List<Fence> fences() {
        check();
        return Fences.views(buffer, owner);
    }

    @Override
    public void move() {
        check();
        buffer.core().storing().move(buffer, this::check);
    }

    /** Refuses with GONE when the reference was dropped, or its owner or the core went. */
    final void check() {
        buffer.core().check();
        owner.check();
        if (closed) {
            throw new DmaBufException(
                    Reason.GONE, "this reference to buffer " + buffer.want().name() + " is closed");
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            buffer.giveUp(() -> buffer.dropReference(this));
        }
    }

    /** Drops it, under the buffer's lock. */
    final void end() {
        closed = true;
        buffer.dropReference(this);
    }
}
