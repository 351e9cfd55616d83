// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.osgi.framework.ServiceReference;

/**
 * The services of one kind that are bound, each once. While a component is being activated declarative services may bind
 * a service twice, on two threads, when it comes just then; and unbind one before it is bound, when it leaves just then.
 * Calls for one service wait for each other, calls for different ones do not.
 *
 * @param <P> what an arrival makes, by which it is taken away again
 */
final class Bound<P> {
    private final Consumer<P> departure;
    private final Map<ServiceReference<?>, Slot<P>> slots = new HashMap<>();

    /** Those that left before they came. Weak, so that no departed bundle is kept by them. */
    private final Set<ServiceReference<?>> leftBefore = Collections.newSetFromMap(new WeakHashMap<>());

    /** Guarded by itself. */
    private static final class Slot<P> {
        private boolean left;
        private Optional<P> party = Optional.empty();
    }

    /** Starts with nothing bound; what an arrival made is given to this action when its service leaves. */
    Bound(Consumer<P> departure) {
        this.departure = departure;
    }

    /** Lets a service arrive, unless it has already, or has left meanwhile; the arrival is empty when it is refused. */
    void bind(ServiceReference<?> reference, Supplier<Optional<P>> arrival) {
        newSlot(reference).ifPresent(slot -> fill(slot, arrival));
    }

    private synchronized Optional<Slot<P>> newSlot(ServiceReference<?> reference) {
        if (leftBefore.remove(reference) || slots.containsKey(reference)) {
            return Optional.empty();
        }
        Slot<P> slot = new Slot<>();
        slots.put(reference, slot);
        return Optional.of(slot);
    }

    private static <P> void fill(Slot<P> slot, Supplier<Optional<P>> arrival) {
        synchronized (slot) {
            if (!slot.left && slot.party.isEmpty()) {
                slot.party = arrival.get();
            }
        }
    }

    /** Tells what became of a bound service's arrival that its properties changed; one that was refused arrives anew. */
    void update(ServiceReference<?> reference, Consumer<P> change, Supplier<Optional<P>> arrival) {
        slot(reference).ifPresent(slot -> {
            synchronized (slot) {
                slot.party.ifPresentOrElse(change, () -> fill(slot, arrival));
            }
        });
    }

    private synchronized Optional<Slot<P>> slot(ServiceReference<?> reference) {
        return Optional.ofNullable(slots.get(reference));
    }

    /** Lets a service depart. */
    void unbind(ServiceReference<?> reference) {
        removeSlot(reference).ifPresent(slot -> {
            synchronized (slot) {
                slot.left = true;
                slot.party.ifPresent(departure);
                slot.party = Optional.empty();
            }
        });
    }

    private synchronized Optional<Slot<P>> removeSlot(ServiceReference<?> reference) {
        Optional<Slot<P>> slot = Optional.ofNullable(slots.remove(reference));
        if (slot.isEmpty()) {
            leftBefore.add(reference);
        }
        return slot;
    }
}
