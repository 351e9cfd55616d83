// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.util.List;
import java.util.stream.Stream;

/**
 * Who refers to a buffer, and who keeps its storage where it is. Changed under the buffer's lock; the lists are immutable
 * and replaced, so that they are readable without it.
 */
final class Holdings {
    private volatile List<BufferReference> references = List.of();
    private volatile List<Holder> holders = List.of();

    List<BufferReference> references() {
        return references;
    }

    /** Returns the holders but for those that are over. */
    List<Holder> holders() {
        List<Holder> now = holders;
        for (Holder holder : now) {
            if (holder.isOver()) {
                return present(now);
            }
        }
        return now;
    }

    private static List<Holder> present(List<Holder> all) {
        return all.stream().filter(holder -> !holder.isOver()).toList();
    }

    void add(BufferReference reference) {
        references = with(references, reference);
    }

    void drop(BufferReference reference) {
        references = without(references, reference);
    }

    void add(Holder holder) {
        holders = with(holders(), holder);
    }

    /** Takes a holder out; false when it was not there any more. */
    boolean drop(Holder holder) {
        boolean held = holders.contains(holder);
        holders = without(holders, holder);
        return held;
    }

    /** Takes out what is over. */
    void prune() {
        holders = holders();
    }

    /** Returns whether nothing keeps the storage where it is. */
    boolean isIdle() {
        return holders().isEmpty();
    }

    /** Returns whether a reference or a holder keeps the buffer alive. */
    boolean keepBuffer() {
        return !references.isEmpty() || holders().stream().anyMatch(Holder::keepsBuffer);
    }

    static <T> List<T> with(List<T> list, T element) {
        return Stream.concat(list.stream(), Stream.of(element)).toList();
    }

    private static <T> List<T> without(List<T> list, T element) {
        return list.stream().filter(other -> other != element).toList();
    }
}
