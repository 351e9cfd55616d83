// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.FenceListener;
import java.util.Objects;

/** A listener that waits for a fence to be done. Run once, it calls the listener on a thread where nobody waits for it. */
final class FenceCall implements Runnable {
    private final FenceView fence;
    private final FenceListener listener;
    private final ForeignCode foreign;

    FenceCall(FenceView fence, FenceListener listener, ForeignCode foreign) {
        this.fence = fence;
        this.listener = Objects.requireNonNull(listener, "listener");
        this.foreign = foreign;
    }

    boolean isOf(Owner owner) {
        return fence.owner() == owner;
    }

    /** A core that is closed has no foreign threads any more, but the listener is told all the same. */
    @Override
    public void run() {
        if (foreign.start(this::call).isPresent()) {
            Thread.ofVirtual().name("dmabuf-fence-listener").start(this::call);
        }
    }

    private void call() {
        try {
            listener.fenceDone(fence);
        } catch (Throwable _) {
            // its own affair: it has been told
        }
    }
}
