// SPDX-License-Identifier: Apache-2.0
package checkers;

import dmabuf.core.AllocatorsCalls;
import dmabuf.core.CapCalls;
import dmabuf.core.ClaimsCalls;
import dmabuf.core.CompletionCalls;
import dmabuf.core.FreeListCalls;
import dmabuf.core.PartyCalls;
import dmabuf.core.QuotaCalls;

/** A concurrent structure whose calls have to be in some order, and the twin for which they are not. */
enum Structure {
    CLAIMS(true, ClaimsCalls.class,
            "dmabuf.core/src/main/java/dmabuf/core/Claims.java",
            "synchronized boolean claim(Holding holding, AddressRange addresses)",
            "boolean claim(Holding holding, AddressRange addresses)"),
    CAP(true, CapCalls.class,
            "dmabuf.core/src/main/java/dmabuf/core/Cap.java",
            "} while (!used.compareAndSet(before, before + byteSize));",
            "used.set(before + byteSize); } while (false);"),
    PARTY(true, PartyCalls.class,
            "dmabuf.core/src/main/java/dmabuf/core/Party.java",
            "return service.getAndSet(null) != null;",
            "boolean there = service.get() != null; service.set(null); return there;"),
    ALLOCATORS(false, AllocatorsCalls.class,
            "dmabuf.core/src/main/java/dmabuf/core/Allocators.java",
            "synchronized Optional<AllocatorEntry> add(",
            "Optional<AllocatorEntry> add("),
    FENCE(true, CompletionCalls.class,
            "dmabuf.core/src/main/java/dmabuf/core/Completion.java",
            "if (state.compareAndSet(before, after)) {",
            "state.set(after); if (before != after) {"),
    FREE_LIST(true, FreeListCalls.class,
            "dmabuf.core/src/main/java/dmabuf/core/FreeList.java",
            "return ((seen >>> Integer.SIZE) + 1) << Integer.SIZE | top;",
            "return 0 * seen | top;"),
    QUOTAS(false, QuotaCalls.class,
            "dmabuf.core/src/main/java/dmabuf/core/quota/Quotas.java",
            "synchronized void take(Charge charge, Amount more)",
            "void take(Charge charge, Amount more)");

    /** The calls, for Lincheck. */
    final Class<?> calls;

    /** Whether interleavings are played one by one; otherwise threads run as they will. */
    final boolean modelled;

    private final String source;
    private final String sound;
    private final String broken;

    Structure(boolean modelled, Class<?> calls, String source, String sound, String broken) {
        this.modelled = modelled;
        this.calls = calls;
        this.source = source;
        this.sound = sound;
        this.broken = broken;
    }

    Twin twin() {
        return new Twin(source, sound, broken);
    }
}
