// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AccessBits;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Says what is present, by the same object for as long as nothing of it changes: it carries what was decided on its ground.
 * Nobody has to tell of a change: the registries replace their snapshots, and these are compared each time.
 */
final class Presences {
    private final Allocators allocators;
    private final Mappers mappers;
    private final Supplier<AccessBits> accessBits;
    private final AtomicReference<@Nullable Presence> usual = new AtomicReference<>();
    private final AtomicReference<@Nullable Presence> waiting = new AtomicReference<>();

    Presences(Allocators allocators, Mappers mappers, Supplier<AccessBits> accessBits) {
        this.allocators = allocators;
        this.mappers = mappers;
        this.accessBits = accessBits;
    }

    /** Returns what is present now. */
    Presence now(boolean waitsForAllocator) {
        AtomicReference<@Nullable Presence> kept = waitsForAllocator ? waiting : usual;
        while (true) {
            Presence known = kept.get();
            List<AllocatorEntry> serving = allocators.snapshot().active();
            Map<String, MapperEntry> mapping = mappers.active();
            AccessBits bits = accessBits.get();
            if (known != null && known.consistsOf(serving, mapping, bits)) {
                return known;
            }
            Presence fresh = new Presence(serving, mapping, waitsForAllocator, bits);
            if (kept.compareAndSet(known, fresh)) {
                return fresh;
            }
        }
    }

    /** Lets go of all that was decided, because somebody left of whom it may tell; called after the registry knows. */
    void forget() {
        usual.set(null);
        waiting.set(null);
    }
}
