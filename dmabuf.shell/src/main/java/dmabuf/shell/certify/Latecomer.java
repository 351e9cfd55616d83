// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.Participant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** An allocator whose answer to a request is held back until somebody lets it go. */
final class Latecomer implements Allocator {
    private final Allocator real;
    private final CountDownLatch answer = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    Latecomer(Allocator real) {
        this.real = real;
    }

    void answer() {
        answer.countDown();
    }

    boolean awaitRelease() throws InterruptedException {
        return released.await(Guest.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Override
    public boolean match(Participant device) {
        return real.match(device);
    }

    @Override
    public Allocation allocate(AllocationRequest request) {
        Allocation storage = real.allocate(request);
        try {
            answer.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return storage;
    }

    @Override
    public void release(Allocation allocation) {
        real.release(allocation);
        released.countDown();
    }

    @Override
    public AllocatorStatistics statistics() {
        return real.statistics();
    }
}
