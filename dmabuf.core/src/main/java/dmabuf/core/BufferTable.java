// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The living buffers by id. Ids are given out one by one, so that their lowest bits alone spread them evenly: each part
 * holds those of one remainder, and each of its places a chain of few, linked by the buffers themselves. What it costs to
 * add, find and remove one does not grow with their number, and a buffer takes one reference besides.
 *
 * <p>Usable by many threads at once; the lock of a part is held for moments and calls nothing.
 */
final class BufferTable {
    private static final int PARTS = 64;

    private final Part[] parts = new Part[PARTS];

    /** The buffers of one remainder. All of it, and the links of its buffers, are guarded by its monitor. */
    private static final class Part {
        private static final int LEAST_PLACES = 4;

        private @Nullable Buffer[] places = new Buffer[LEAST_PLACES];
        private int count;

        private int place(long id) {
            return (int) (id / PARTS) & places.length - 1;
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

        synchronized void remove(Buffer buffer) {
            if (unlink(buffer)) {
                count--;
                if (count < places.length / 4 && places.length > LEAST_PLACES) {
                    resize(places.length / 2);
                }
            }
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

    private Part part(long id) {
        return parts[(int) id & PARTS - 1];
    }

    /** Returns the buffer of an id, or null. */
    @Nullable Buffer find(long id) {
        return part(id).find(id);
    }

    /** Adds a buffer, which is not there yet. */
    void add(Buffer buffer) {
        part(buffer.id()).add(buffer);
    }

    /** Removes a buffer; harmless when it is not there. */
    void remove(Buffer buffer) {
        part(buffer.id()).remove(buffer);
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
