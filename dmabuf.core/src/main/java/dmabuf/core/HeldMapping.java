// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.CpuAccess;
import dmabuf.api.CpuRequest;
import dmabuf.api.DmaBufException;
import dmabuf.api.HoldingKind;
import dmabuf.api.Reason;
import dmabuf.api.UserMapping;
import java.util.Optional;

/** A longer-lived CPU view: it keeps the storage where it is, and each use of it is an access of its own. */
final class HeldMapping implements UserMapping, Holder {
    private final Buffer buffer;
    private final Owner owner;
    private final CpuRequest request;
    private final Trace trace;
    private volatile boolean open = true;

    HeldMapping(Buffer buffer, Owner owner, CpuRequest request) {
        this.buffer = buffer;
        this.owner = owner;
        this.request = request;
        this.trace = Trace.of(buffer.core());
    }

    @Override
    public CpuAccess begin() {
        return CpuViews.begin(buffer, owner, request, this::check);
    }

    private void check() {
        buffer.core().check();
        owner.check();
        if (!open) {
            throw new DmaBufException(
                    Reason.GONE, "the user mapping of buffer " + buffer.want().name() + " has ended");
        }
    }

    @Override
    public void close() {
        if (open) {
            buffer.giveUp(() -> {
                end();
                buffer.letGo(this);
            });
        }
    }

    @Override
    public HoldingKind kind() {
        return HoldingKind.USER_MAPPING;
    }

    @Override
    public Trace trace() {
        return trace;
    }

    @Override
    public Owner owner() {
        return owner;
    }

    @Override
    public Optional<String> device() {
        return Optional.empty();
    }

    @Override
    public void end() {
        open = false;
    }
}
