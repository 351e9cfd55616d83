// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import org.osgi.framework.BundleContext;

/** Takes two locks, in one order here and in the other there. */
@SuppressWarnings({"UnsynchronizedOverridesSynchronized", "ThreadPriorityCheck"}) // that is the fault
public final class Deadlocks extends Sound {
    public Deadlocks(BundleContext context) {
        super(context);
    }

    private static final Object PLACES = new Object();
    private static final Object FIGURES = new Object();

    @Override
    public Allocation allocate(AllocationRequest request) {
        synchronized (PLACES) {
            Thread.yield();
            synchronized (FIGURES) {
                return super.allocate(request);
            }
        }
    }

    @Override
    public void release(Allocation allocation) {
        synchronized (FIGURES) {
            Thread.yield();
            synchronized (PLACES) {
                super.release(allocation);
            }
        }
    }
}
