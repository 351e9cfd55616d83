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
    private CpuViews() {}

    /** Begins an access; the check refuses when the handle it came by is no longer good. */
    static CpuAccess begin(Buffer buffer, Owner owner, CpuRequest request, Runnable check) {
        FenceUsage usage = request.mode().writes() ? FenceUsage.WRITE : FenceUsage.READ;
        return open(buffer, request, Optional.of(usage), check, storage -> OpenAccess.of(buffer, owner, request, storage));
    }

    /** Opens a user mapping, which waits for no fence: each use of it does. */
    static UserMapping map(Buffer buffer, Owner owner, CpuRequest request, Runnable check) {
        return open(buffer, request, Optional.empty(), check, _ -> new HeldMapping(buffer, owner, request));
    }

    private static <H extends Holder> H open(
            Buffer buffer, CpuRequest request, Optional<FenceUsage> usage, Runnable check,
            Function<Storage, H> opening) {
        checkRange(buffer.request().byteSize(), request);
        return buffer.exclusively(request.isTrying(), () -> {
            Runnable allowed = () -> {
                check.run();
                checkRights(buffer, request);
            };
            Storing.Ready ready = buffer.core().storing().ready(buffer, request.isTrying(), usage, allowed);
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
        });
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
        String name = "buffer " + buffer.want().name();
        if (buffer.request().flags().contains(BufferFlags.NO_CPU)) {
            throw new DmaBufException(Reason.ACCESS, name + " was created NO_CPU: the CPU stays out");
        }
        if (buffer.members().constraints().isSecureRequired()) {
            throw new DmaBufException(Reason.ACCESS, name + " must be secure for its devices: the CPU stays out");
        }
        if (buffer.request().isReadOnly() && request.mode().writes()) {
            throw new DmaBufException(Reason.ACCESS, name + " is read-only: ask for READ");
        }
    }
}
