// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The buffers that a set has from one choice of storage to the next. Taking and giving one back uses no lock; what follows
 * from it when the generation is to change is done by {@link #tidy}, on a thread that may wait.
 */
final class Generation {
    /** That of a set without storage. */
    static final Generation NONE = new Generation(0, List.of());

    private final long number;
    private final List<Slot> slots;
    private final FreeList free;

    /** Whether devices are leaving; set before the slots are looked at, and read after one is free. So is the other. */
    private volatile boolean releasing;

    private volatile boolean retired;

    /** How many are disposed of. Written by {@link #tidy} only. */
    private volatile int gone;

    /** Devices that left the set, but are still mapped in buffers that are out. Guarded by this. */
    private final Set<String> leaving = new HashSet<>();

    /** Starts with all buffers free. */
    Generation(long number, List<Slot> slots) {
        this.number = number;
        this.slots = List.copyOf(slots);
        this.free = new FreeList(slots.size());
        for (int index = slots.size() - 1; index >= 0; index--) {
            free.push(index);
        }
    }

    long number() {
        return number;
    }

    List<Slot> slots() {
        return slots;
    }

    boolean isEmpty() {
        return slots.isEmpty();
    }

    /** Takes a free one, if there is one. */
    @Nullable Slot poll() {
        int index = free.pop();
        return index < 0 ? null : slots.get(index);
    }

    /** Puts one back. */
    void push(Slot slot) {
        free.push(slot.index());
    }

    /** Returns whether a release has to be followed by tidying. */
    boolean isUntidy() {
        return retired || releasing;
    }

    /** Returns whether devices that left the set are still mapped in some buffer. */
    boolean isReleasing() {
        return releasing;
    }

    boolean isStranded() {
        return slots.stream().anyMatch(Slot::isStranded);
    }

    int taken() {
        return (int) slots.stream().filter(Slot::isTaken).count();
    }

    /** Returns how many are not disposed of. */
    int living() {
        return slots.size() - gone;
    }

    /** From now on what is free is disposed of, by tidying. */
    void retire() {
        retired = true;
    }

    /** Lets a device go, in each buffer as soon as it is free, by tidying. */
    synchronized void release(String device) {
        leaving.add(device);
        releasing = true;
    }

    /** Returns whether a device left the set, but is still mapped in some buffer. */
    synchronized boolean isReleasing(String device) {
        return leaving.contains(device);
    }

    /** Does what can be done now; what cannot follows when a buffer is released. */
    synchronized void tidy(Journal journal, Consumer<BufferFence> retry) {
        if (retired) {
            dispose(journal, retry);
        } else if (releasing) {
            slots.stream().filter(slot -> !slot.isTaken() && !isFenced(slot, retry)).forEach(slot ->
                    leaving.stream().filter(slot::has).forEach(device -> guarded(journal, () -> slot.leave(device))));
            leaving.removeIf(device -> slots.stream().noneMatch(slot -> slot.has(device)));
            releasing = !leaving.isEmpty();
        }
    }

    private synchronized void dispose(Journal journal, Consumer<BufferFence> retry) {
        List<Slot> fenced = new ArrayList<>();
        for (Slot slot = poll(); slot != null; slot = poll()) {
            if (isFenced(slot, retry)) {
                fenced.add(slot);
            } else {
                guarded(journal, slot::dispose);
                gone++;
            }
        }
        fenced.forEach(this::push);
    }

    /** Whoever released a buffer may have left work in it: it stays mapped until the fences of that are done. */
    private static boolean isFenced(Slot slot, Consumer<BufferFence> retry) {
        List<BufferFence> pending = slot.pending();
        pending.forEach(retry);
        return !pending.isEmpty();
    }

    /** One that does not end as it should keeps nothing, and none of the others. */
    private static void guarded(Journal journal, Runnable end) {
        try {
            end.run();
        } catch (RuntimeException | Error e) {
            journal.warn("a buffer of a set did not end as it should: " + e);
        }
    }
}
