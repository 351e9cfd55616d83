// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.Fence;
import dmabuf.api.FenceRequest;
import dmabuf.api.FenceUsage;
import dmabuf.api.Reason;
import dmabuf.api.spi.KernelFence;
import dmabuf.core.quota.Amount;
import dmabuf.core.quota.Charge;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Puts fences on buffers, each of which ends at its deadline, whether somebody waits for it or not. A buffer's list of
 * holders is its dma_resv: a reader waits for the writers in it, a writer for all.
 *
 * <p>A fence changes without any lock, from any thread. What follows for its buffer, the waiting threads above all, needs
 * the buffer's lock, which is only tried: where it is taken, a thread of its own waits for it.
 */
final class Fences {
    private final Core core;

    Fences(Core core) {
        this.core = core;
    }

    /** Puts a fence on a buffer; the check refuses when the handle it came by is no longer good. */
    BufferFence add(Buffer buffer, Owner owner, FenceRequest request, Runnable check) {
        return add(buffer, owner, request, check, _ -> false);
    }

    /** Puts a fence on a buffer that follows a sync_file. */
    Fence add(Buffer buffer, Owner owner, int syncFile, FenceRequest request, Runnable check) {
        KernelFence kernel = charged(buffer, owner, syncFile);
        boolean watched = false;
        try {
            BufferFence fence = add(buffer, owner, request, check, storage -> {
                kernel.importInto(storage.memory(), request.usage());
                return storage.memory().isDmaBuf();
            });
            watch(kernel, fence);
            watched = true;
            return fence.fence();
        } finally {
            if (!watched) {
                kernel.close();
            }
        }
    }

    /** Opens a duplicate, which is a descriptor of its owner's until it is closed. */
    private KernelFence charged(Buffer buffer, Owner owner, int syncFile) {
        String pool = buffer.phase() instanceof Phase.Backed(Storage storage, _) ? storage.allocator().id() : "";
        Charge charge = core.quotas().open(owner, pool, Optional.empty());
        charge.take(Amount.DESCRIPTOR);
        boolean opened = false;
        try {
            ChargedFence fence = new ChargedFence(core.memory().openSyncFile(syncFile), charge);
            opened = true;
            return fence;
        } finally {
            if (!opened) {
                charge.giveBack(Amount.DESCRIPTOR);
            }
        }
    }

    private static void watch(KernelFence kernel, BufferFence fence) {
        boolean watched = false;
        try {
            SyncFileWatch.start(kernel, fence);
            watched = true;
        } finally {
            if (!watched) {
                fence.close();
            }
        }
    }

    /**
     * Puts a fence on a buffer, and tells drivers that use its storage first. What comes after others as well is told only in
     * part: drivers go on before it is done.
     */
    private BufferFence add(
            Buffer buffer, Owner owner, FenceRequest request, Runnable check, Predicate<Storage> telling) {
        List<Completion> others = new ArrayList<>();
        request.predecessors().forEach(fence -> others.add(completion(fence)));
        return buffer.exclusively(false, () -> {
            check.run();
            buffer.lock().awaitNotVacating(false, buffer);
            check.run();
            if (buffer.phase() instanceof Phase.Released) {
                throw Storing.released(buffer);
            }
            if (request.isInOrder()) {
                ahead(buffer, request.usage()).forEach(fence -> others.add(fence.completion()));
            }
            boolean told = buffer.phase() instanceof Phase.Backed(Storage storage, _)
                    && telling.test(storage)
                    && others.isEmpty();
            return add(new BufferFence(buffer, owner, request, Completion.after(others), told));
        });
    }

    private BufferFence add(BufferFence fence) {
        Deadlines.Pending alarm = core.deadlines().after(fence.remaining(), fence::expire);
        boolean held = false;
        try {
            fence.buffer().hold(fence);
            fence.completion().whenDone(() -> {
                alarm.cancel();
                follow(fence.buffer());
            });
            held = !fence.isOver();
        } finally {
            if (!held) {
                alarm.cancel();
                fence.buffer().letGo(fence);
            }
        }
        return fence;
    }

    private static Completion completion(Fence fence) {
        if (fence instanceof FenceView view) {
            return view.behind().completion();
        }
        throw new DmaBufException(Reason.INVALID, "this fence is not of this runtime: " + fence.getClass().getName());
    }

    /** Returns the pending fences that work of a usage has to wait for. */
    static List<BufferFence> ahead(Buffer buffer, FenceUsage usage) {
        List<BufferFence> ahead = List.of();
        for (Holder holder : buffer.holders()) {
            if (isAhead(holder, usage)) {
                ahead = Holdings.with(ahead, (BufferFence) holder);
            }
        }
        return ahead;
    }

    /** Returns whether there is a pending fence that work of a usage has to wait for. */
    static boolean areAhead(Buffer buffer, FenceUsage usage) {
        List<Holder> holders = buffer.holders();
        for (int i = 0; i < holders.size(); i++) {
            if (isAhead(holders.get(i), usage)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isAhead(Holder holder, FenceUsage usage) {
        return holder instanceof BufferFence fence && usage.waitsFor(fence.usage()) && !fence.isOver();
    }

    /** Returns the pending fences of a buffer as an owner sees them. */
    static List<Fence> views(Buffer buffer, Owner owner) {
        return ahead(buffer, FenceUsage.WRITE).stream()
                .<Fence>map(fence -> new FenceView(fence, owner))
                .toList();
    }

    /**
     * Lets a buffer draw the conclusions from a fence that is done. Those who wait are woken at once; what may take its time,
     * to give storage back or move it, is left to a thread of its own. Whoever has the lock does all that when it leaves.
     */
    private void follow(Buffer buffer) {
        if (buffer.lock().isMine()) {
            buffer.lock().signal();
        } else if (!buffer.lock().tryEnter() || wake(buffer)) {
            Sweep.later(core.journal(), List.of(buffer), _ -> {});
        }
    }

    /** Wakes those who wait, and leaves the lock; answers whether there is more to do. */
    private boolean wake(Buffer buffer) {
        try {
            buffer.lock().signal();
            return core.isClosed() || !buffer.isUsed() || isToMove(buffer);
        } finally {
            buffer.lock().leave();
        }
    }

    private static boolean isToMove(Buffer buffer) {
        return buffer.phase() instanceof Phase.Backed(Storage storage, _)
                && storage.allocator().hasLeft()
                && buffer.isIdle();
    }
}
