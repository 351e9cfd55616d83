// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who refers to a buffer, and who keeps its storage where it is. Changed under the buffer's lock; the lists are immutable
 * and replaced, so that they are readable without it.
 */
final class Holdings {
    private static final VarHandle REFERENCES = Unfenced.field(MethodHandles.lookup(), "references", List.class);
    private static final VarHandle HOLDERS = Unfenced.field(MethodHandles.lookup(), "holders", List.class);

    /** Null for nobody, as the other one. */
    private volatile @Nullable List<BufferReference> references;

    private volatile @Nullable List<Holder> holders;

    List<BufferReference> references() {
        List<BufferReference> now = references;
        return now == null ? List.of() : now;
    }

    /** Returns the holders but for those that are over. */
    List<Holder> holders() {
        return present(all());
    }

    private List<Holder> all() {
        List<Holder> now = holders;
        return now == null ? List.of() : now;
    }

    /** Returns those of a list that are not over; the list itself when that are all. */
    static List<Holder> present(List<Holder> all) {
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).isOver()) {
                return all.stream().filter(holder -> !holder.isOver()).toList();
            }
        }
        return all;
    }

    void add(BufferReference reference) {
        REFERENCES.setRelease(this, with(references(), reference));
    }

    void drop(BufferReference reference) {
        REFERENCES.setRelease(this, without(references(), reference));
    }

    void add(Holder holder) {
        HOLDERS.setRelease(this, with(holders(), holder));
    }

    /** Takes a holder out; false when it was not there any more. */
    boolean drop(Holder holder) {
        List<Holder> before = all();
        List<Holder> left = without(before, holder);
        if (left == before) {
            return false;
        }
        HOLDERS.setRelease(this, left);
        return true;
    }

    /** Takes out what is over. */
    void prune() {
        List<Holder> present = holders();
        if (present != all()) {
            HOLDERS.setRelease(this, present);
        }
    }

    /** Returns whether nothing keeps the storage where it is. */
    boolean isIdle() {
        return holders().isEmpty();
    }

    /** Returns whether a reference or a holder keeps the buffer alive. */
    boolean keepBuffer() {
        if (!references().isEmpty()) {
            return true;
        }
        List<Holder> present = holders();
        for (int i = 0; i < present.size(); i++) {
            if (present.get(i).keepsBuffer()) {
                return true;
            }
        }
        return false;
    }

    /** Returns a list with one element more. */
    static <T> List<T> with(List<T> list, T element) {
        if (list.isEmpty()) {
            return List.of(element);
        }
        if (list.size() == 1) {
            return List.of(list.getFirst(), element);
        }
        List<T> more = new ArrayList<>(list.size() + 1);
        more.addAll(list);
        more.add(element);
        return List.copyOf(more);
    }

    /** Returns a list without an element, by identity; the same list when that is not in it. */
    private static <T> List<T> without(List<T> list, T element) {
        int at = 0;
        while (at < list.size() && list.get(at) != element) {
            at++;
        }
        if (at == list.size()) {
            return list;
        }
        if (list.size() == 1) {
            return List.of();
        }
        if (list.size() == 2) {
            return List.of(list.get(1 - at));
        }
        List<T> less = new ArrayList<>(list);
        less.remove(at);
        return List.copyOf(less);
    }
}
