// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.BundleContext;

/** Forgets that several threads may call. */
@SuppressWarnings({"UnsynchronizedOverridesSynchronized", "ThreadPriorityCheck"}) // that is the fault
public final class Unguarded extends Sound {
    public Unguarded(BundleContext context) {
        super(context);
    }

    private volatile Optional<Segment> chosen = Optional.empty();

    @Override
    public Allocation allocate(AllocationRequest request) {
        synchronized (this) {
            chosen = place(request);
        }
        Thread.yield();
        synchronized (this) {
            Segment place = chosen.orElseThrow(() -> refusal(request));
            return give(request, List.of(place));
        }
    }
}
