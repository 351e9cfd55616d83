// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.BufferFlags;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuRequest;
import dmabuf.api.DmaBufException;
import dmabuf.api.FenceUsage;
import dmabuf.api.Reason;
import dmabuf.api.UserMapping;
import java.util.Optional;
import java.util.function.Function;

/** Opens CPU accesses and user mappings. */
final class CpuViews {
    private static final Optional<FenceUsage> READING = Optional.of(FenceUsage.READ);
    private static final Optional<FenceUsage> WRITING = Optional.of(FenceUsage.WRITE);

    private CpuViews() {}

    /** Begins an access; the check refuses when the handle it came by is no longer good. */
    static CpuAccess begin(Buffer buffer, Owner owner, CpuRequest request, Runnable check) {
        Optional<FenceUsage> usage = request.mode().writes() ? WRITING : READING;
        return open(buffer, request, usage, check, storage -> OpenAccess.of(buffer, owner, request, storage));
    }

    /** Opens a user mapping, which waits for no fence: each use of it does. */
    static UserMapping map(Buffer buffer, Owner owner, CpuRequest request, Runnable check) {
        return open(buffer, request, Optional.empty(), check, _ -> new HeldMapping(buffer, owner, request));
    }

    private static <H extends Holder> H open(
            Buffer buffer, CpuRequest request, Optional<FenceUsage> usage, Runnable check,
            Function<Storage, H> opening) {
        checkRange(buffer.request().byteSize(), request);
        buffer.lock().enter(request.isTrying(), buffer);
        try {
            Storing.Ready ready = buffer.core().storing().ready(buffer, request.isTrying(), usage, () -> {
                check.run();
                checkRights(buffer, request);
            });
            return held(buffer, ready, opening);
        } catch (DmaBufException e) {
            throw buffer.refused(e);
        } finally {
            buffer.leave();
        }
    }

    private static <H extends Holder> H held(Buffer buffer, Storing.Ready ready, Function<Storage, H> opening) {
        boolean opened = false;
        try {
            H holder = opening.apply(ready.storage());
            buffer.hold(holder);
            opened = true;
            return holder;
        } finally {
            if (!opened && ready.fresh()) {
                buffer.unback(ready.storage());
            }
        }
    }

    /** Compares without adding, which could overflow. */
    private static void checkRange(long bufferSize, CpuRequest request) {
        long offset = request.byteOffset();
        long size = request.byteSize().orElse(1);
        if (offset < 0 || size < 1 || offset >= bufferSize || size > bufferSize - offset) {
            throw new IllegalArgumentException(
                    "byte range " + offset + "+" + size + " is not inside the buffer of " + bufferSize + " bytes");
        }
    }

    private static void checkRights(Buffer buffer, CpuRequest request) {
        if (buffer.request().flags().contains(BufferFlags.NO_CPU)) {
            throw access(buffer, " was created NO_CPU: the CPU stays out");
        }
        if (buffer.members().constraints().isSecureRequired()) {
            throw access(buffer, " must be secure for its devices: the CPU stays out");
        }
        if (buffer.request().isReadOnly() && request.mode().writes()) {
            throw access(buffer, " is read-only: ask for READ");
        }
    }

    private static DmaBufException access(Buffer buffer, String why) {
        return new DmaBufException(Reason.ACCESS, "buffer " + buffer.want().name() + why);
    }
}
