// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The living buffers by id. Each part holds what some threads added, so that threads that make and drop buffers of their own do
 * not wait for each other's cache lines; each of its places holds a chain of few, linked by the buffers themselves. What it costs
 * to add, find and remove one does not grow with their number, and a buffer takes one reference besides.
 *
 * <p>Usable by many threads at once; the lock of a part is held for moments and calls nothing.
 */
final class BufferTable {
    private static final int PARTS = 16;

    /** How far apart the parts of threads are that began one after the other: they lie in other cache lines. */
    private static final int APART = 5;

    /** Spreads ids that follow each other, all of them or each n-th, over the upper half of a product. */
    private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;

    private final Part[] parts = new Part[PARTS];

    /** The buffers of some threads. All of it, and the links of its buffers, are guarded by its monitor. */
    private static final class Part {
        private static final int LEAST_PLACES = 4;

        private @Nullable Buffer[] places = new Buffer[LEAST_PLACES];
        private int count;

        private int place(long id) {
            return (int) ((id * SPREAD) >>> Integer.SIZE) & places.length - 1;
        }

        synchronized @Nullable Buffer find(long id) {
            Buffer buffer = places[place(id)];
            while (buffer != null && buffer.id() != id) {
                buffer = buffer.next();
            }
            return buffer;
        }

        synchronized void add(Buffer buffer) {
            if (count == places.length) {
                resize(2 * count);
            }
            link(buffer);
            count++;
        }

        private void link(Buffer buffer) {
            int place = place(buffer.id());
            buffer.chain(places[place]);
            places[place] = buffer;
        }

        synchronized boolean remove(Buffer buffer) {
            boolean removed = unlink(buffer);
            if (removed) {
                count--;
                if (count < places.length / 4 && places.length > LEAST_PLACES) {
                    resize(places.length / 2);
                }
            }
            return removed;
        }

        private boolean unlink(Buffer buffer) {
            int place = place(buffer.id());
            Buffer before = null;
            Buffer here = places[place];
            while (here != null && here != buffer) {
                before = here;
                here = here.next();
            }
            if (here == null) {
                return false;
            }
            if (before == null) {
                places[place] = here.next();
            } else {
                before.chain(here.next());
            }
            here.chain(null);
            return true;
        }

        private void resize(int length) {
            List<Buffer> all = new ArrayList<>(count);
            collect(all);
            places = new Buffer[length];
            all.forEach(this::link);
        }

        synchronized void collect(List<Buffer> all) {
            for (Buffer first : places) {
                for (Buffer buffer = first; buffer != null; buffer = buffer.next()) {
                    all.add(buffer);
                }
            }
        }
    }

    BufferTable() {
        for (int i = 0; i < PARTS; i++) {
            parts[i] = new Part();
        }
    }

    /** Returns the part of the calling thread. */
    private Part mine() {
        return parts[(int) Thread.currentThread().threadId() * APART & PARTS - 1];
    }

    /** Returns the buffer of an id, or null. */
    @Nullable Buffer find(long id) {
        Buffer found = mine().find(id);
        for (int i = 0; i < PARTS && found == null; i++) {
            found = parts[i].find(id);
        }
        return found;
    }

    /** Adds a buffer, which is not there yet. */
    void add(Buffer buffer) {
        mine().add(buffer);
    }

    /** Removes a buffer; harmless when it is not there. Who added it finds it at once. */
    void remove(Buffer buffer) {
        boolean removed = mine().remove(buffer);
        for (int i = 0; i < PARTS && !removed; i++) {
            removed = parts[i].remove(buffer);
        }
    }

    /** Returns those that are there, by id; what comes or goes meanwhile may be among them or not. */
    List<Buffer> all() {
        List<Buffer> all = new ArrayList<>();
        for (Part part : parts) {
            part.collect(all);
        }
        all.sort(Comparator.comparingLong(Buffer::id));
        return all;
    }
}
