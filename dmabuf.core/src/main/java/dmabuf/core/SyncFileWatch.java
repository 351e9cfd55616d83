// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.Explanation;
import dmabuf.api.Reason;
import dmabuf.api.spi.KernelFence;
import java.util.Optional;

/**
 * Passes on to a fence what a sync_file says, from a thread of its own: poll(2) would keep one that others share. It ends
 * with the sync_file or the fence, whichever is done first.
 */
final class SyncFileWatch implements Runnable {
    private final KernelFence kernel;
    private final BufferFence fence;

    private SyncFileWatch(KernelFence kernel, BufferFence fence) {
        this.kernel = kernel;
        this.fence = fence;
    }

    /** Begins to watch; the sync_file is closed in the end. */
    static void start(KernelFence kernel, BufferFence fence) {
        Thread.ofPlatform()
                .daemon(true)
                .name("dmabuf-sync-file")
                .inheritInheritableThreadLocals(false)
                .start(new SyncFileWatch(kernel, fence));
    }

    @Override
    public void run() {
        try (kernel) {
            while (!fence.isOver()) {
                if (kernel.await(DriverWait.SLICE)) {
                    pass(kernel.error());
                    return;
                }
            }
        } catch (DmaBufException e) {
            fence.fail(e.reason(), e.explanation().text());
        } catch (RuntimeException | Error e) {
            fence.fail(Reason.GONE, "its sync_file cannot be watched: " + e);
        }
    }

    private void pass(Optional<Explanation> error) {
        error.ifPresentOrElse(failed -> fence.fail(failed.reason(), failed.text()), fence::signal);
    }
}
