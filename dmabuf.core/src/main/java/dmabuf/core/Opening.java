// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.BufferFlags;
import dmabuf.api.BufferRequest;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Creates buffers, and opens references to those that are there. */
final class Opening {
    private static final Set<String> COMMON_FLAGS =
            Set.of(BufferFlags.CACHED, BufferFlags.WRITE_COMBINE, BufferFlags.NO_CPU);

    private final Core core;
    private final AtomicLong lastId = new AtomicLong();

    Opening(Core core) {
        this.core = core;
    }

    /** Creates a buffer and its first reference. */
    BufferReference create(BufferRequest request, Owner owner) {
        checkFlags(request);
        Want want = owner.want(request, core.memory().pageSize());
        Buffer buffer = new Buffer(core, lastId.incrementAndGet(), request, want);
        BufferReference reference = new BufferReference(buffer, owner);
        buffer.addReference(reference);
        buffer.exclusively(false, () -> {
            core.register(buffer);
            buffer.expectation().watch(core.readiness().watch(buffer));
            return buffer;
        });
        return confirmed(reference);
    }

    /** Creates a buffer like another one, which nobody knows yet. */
    Buffer draft(Buffer pattern) {
        return new Buffer(core, lastId.incrementAndGet(), pattern.request(), pattern.want());
    }

    /** Opens another reference to a buffer. */
    BufferReference open(long id, Owner owner) {
        if (core.sets().isPattern(id)) {
            throw new DmaBufException(Reason.INVALID, id + " is a set: open one of its buffers");
        }
        Buffer buffer = core.buffer(id).orElseThrow(() -> unknown(id));
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

    private DmaBufException unknown(long id) {
        boolean everWas = id >= 1 && id <= lastId.get();
        return everWas
                ? new DmaBufException(Reason.GONE, "buffer " + id + " is released")
                : new DmaBufException(Reason.INVALID, "there never was a buffer " + id);
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
                    || core.allocators().snapshot().active().stream()
                            .anyMatch(entry -> entry.spec().flags().contains(flag));
            if (!known) {
                throw new DmaBufException(
                        Reason.INVALID, "flag " + flag + " is known neither to the runtime nor to an allocator");
            }
        }
    }
}
