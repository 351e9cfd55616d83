// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.Fence;
import dmabuf.api.FenceRequest;
import dmabuf.api.FenceUsage;
import dmabuf.api.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Puts fences on buffers, and ends each at its deadline, whether somebody waits for it or not. A buffer's list of holders
 * is its dma_resv: a reader waits for the writers in it, a writer for all.
 *
 * <p>A fence changes without any lock, from any thread. What follows for its buffer, the waiting threads above all, needs
 * the buffer's lock, which is only tried: where it is taken, a thread of its own waits for it.
 */
final class Fences implements AutoCloseable {
    private final Core core;
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, Timer::new);

    private static final class Timer extends Thread {
        Timer(Runnable work) {
            super(null, work, "dmabuf-fence-timer", 0, false);
            setDaemon(true);
        }
    }

    Fences(Core core) {
        this.core = core;
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(1, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
    }

    /** Puts a fence on a buffer; the check refuses when the handle it came by is no longer good. */
    BufferFence add(Buffer buffer, Owner owner, FenceRequest request, Runnable check) {
        List<Completion> others = new ArrayList<>();
        request.predecessors().forEach(fence -> others.add(completion(fence)));
        return buffer.exclusively(false, () -> {
            check.run();
            buffer.lock().awaitNotVacating(false, buffer.patience());
            check.run();
            if (buffer.phase() instanceof Phase.Released) {
                throw Storing.released(buffer);
            }
            if (request.isInOrder()) {
                ahead(buffer, request.usage()).forEach(fence -> others.add(fence.completion()));
            }
            return add(new BufferFence(buffer, owner, request, Completion.after(others)));
        });
    }

    private BufferFence add(BufferFence fence) {
        Future<?> alarm = schedule(fence);
        fence.buffer().hold(fence);
        fence.completion().whenDone(() -> {
            alarm.cancel(false);
            follow(fence.buffer());
        });
        if (fence.isOver()) {
            fence.buffer().letGo(fence);
        }
        return fence;
    }

    private Future<?> schedule(BufferFence fence) {
        try {
            return timer.schedule(fence::expire, fence.remaining().toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException _) {
            throw new DmaBufException(Reason.GONE, "the runtime has stopped");
        }
    }

    private static Completion completion(Fence fence) {
        if (fence instanceof FenceView view) {
            return view.behind().completion();
        }
        throw new DmaBufException(Reason.INVALID, "this fence is not of this runtime: " + fence.getClass().getName());
    }

    /** Returns the pending fences that work of a usage has to wait for. */
    static List<BufferFence> ahead(Buffer buffer, FenceUsage usage) {
        List<BufferFence> ahead = new ArrayList<>();
        for (Holder holder : buffer.holders()) {
            if (holder instanceof BufferFence fence && usage.waitsFor(fence.usage()) && !fence.isOver()) {
                ahead.add(fence);
            }
        }
        return ahead;
    }

    /** Returns the pending fences of a buffer as an owner sees them. */
    static List<Fence> views(Buffer buffer, Owner owner) {
        return ahead(buffer, FenceUsage.WRITE).stream()
                .<Fence>map(fence -> new FenceView(fence, owner))
                .toList();
    }

    /** Lets a buffer draw the conclusions from a fence that is done. Whoever has its lock does that when it leaves. */
    private void follow(Buffer buffer) {
        if (buffer.lock().isMine()) {
            buffer.lock().signal();
        } else if (!(Thread.currentThread() instanceof Timer) && buffer.lock().tryEnter()) {
            settle(buffer);
        } else {
            Thread.ofVirtual().name("dmabuf-fence-settle").start(() -> {
                buffer.lock().enter();
                settle(buffer);
            });
        }
    }

    private void settle(Buffer buffer) {
        try {
            buffer.settleAndLeave();
        } catch (RuntimeException e) {
            core.journal().warn("buffer " + buffer.want().name() + " could not follow a fence: " + e);
        }
    }

    /** Ends the timer; the buffers have ended their fences before. */
    @Override
    public void close() {
        timer.shutdownNow();
    }
}
