// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The free ones of some numbered things, the one that was put back last on top. Without a lock: whoever is stopped in the
 * middle of a call keeps nobody waiting. (A Treiber stack.)
 *
 * <p>The head is one word: the number on top, plus one, in its lower half, 0 for none; in its upper half how often it was
 * changed. Without that count a thread that was stopped between reading the top and taking it could take what others took
 * and put back meanwhile, and bring a wrong one below it to the top: one thing would be given twice.
 */
final class FreeList {
    private static final int NONE = 0;

    private final AtomicLong head = new AtomicLong();

    /** For each number that is free, plus one, what lies below it. */
    private final AtomicIntegerArray below;

    /** Starts with none free; the numbers are 0 to count - 1. */
    FreeList(int count) {
        this.below = new AtomicIntegerArray(count);
    }

    /** Puts a number back, which is not free. */
    void push(int number) {
        while (true) {
            long seen = head.get();
            below.setOpaque(number, (int) seen);
            if (head.compareAndSet(seen, changed(seen, number + 1))) {
                return;
            }
            Thread.onSpinWait(); // lets the other one go on: two that keep on at once are slower together than in turns
        }
    }

    /** Takes a number; -1 when none is free. */
    int pop() {
        while (true) {
            long seen = head.get();
            int top = (int) seen;
            if (top == NONE) {
                return -1;
            }
            if (head.compareAndSet(seen, changed(seen, below.getOpaque(top - 1)))) {
                return top - 1;
            }
            Thread.onSpinWait();
        }
    }

    private static long changed(long seen, int top) {
        return ((seen >>> Integer.SIZE) + 1) << Integer.SIZE | top;
    }
}
