// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.MemorySource;
import dmabuf.core.quota.Amount;
import dmabuf.core.quota.Charge;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What the core gave to one request, and later stands behind one storage: memory and claimed addresses. Closing it
 * gives everything back, once, whoever still refers to it.
 */
final class Resources implements AutoCloseable {
    private final MemoryService service;
    private volatile Budget budget;
    private final Claims claims;
    private final Claims.Holding holding = new Claims.Holding();
    private final List<Memory> memories = new ArrayList<>();
    private boolean closed;

    Resources(MemoryService service, Budget budget, Claims claims) {
        this.service = service;
        this.budget = budget;
        this.claims = claims;
    }

    /** Obtains memory; QUOTA at a limit of the owner, OUT_OF_MEMORY at the cap, GONE once closed. */
    Memory obtain(MemorySource source, long byteSize, String name) {
        budget.take(byteSize);
        boolean kept = false;
        try {
            // The kernel may take its time, and who closes this does not wait for it.
            Memory obtained = service.allocate(source, byteSize, name);
            kept = keep(obtained);
            return obtained;
        } finally {
            if (!kept) {
                budget.giveBack(byteSize);
            }
        }
    }

    private synchronized boolean keep(Memory obtained) {
        if (closed) {
            obtained.close();
        }
        checkOpen();
        claims.use(obtained);
        return memories.add(obtained);
    }

    synchronized boolean claim(AddressRange addresses) {
        checkOpen();
        return claims.claim(holding, addresses);
    }

    /** Takes over memory that an allocator brought; false when other storage uses it. */
    synchronized boolean adopt(Memory memory) {
        if (memories.contains(memory)) {
            return true;
        }
        budget.take(memory.byteSize());
        if (!claims.use(memory)) {
            budget.giveBack(memory.byteSize());
            return false;
        }
        memories.add(memory);
        return true;
    }

    /** Claims just the addresses of these segments; answers the overlap with other live storage, if there is one. */
    synchronized Optional<AddressRange> settle(List<Segment> segments) {
        checkOpen();
        return claims.replace(holding, segments.stream().map(Segment::range).toList());
    }

    Charge charge() {
        return budget.charge();
    }

    /**
     * Lets somebody else pay, from now on.
     *
     * @param next a charge of nothing, which borrows from the present one
     * @throws DmaBufException QUOTA, with nothing changed, where it would go past a limit
     */
    synchronized void passTo(Charge next) {
        boolean taken = false;
        try {
            checkOpen();
            budget = budget.passTo(next, Budget.cost(memories));
            taken = true;
        } finally {
            if (!taken) {
                next.close();
            }
        }
    }

    Claims.Holding holding() {
        return holding;
    }

    private void checkOpen() {
        if (closed) {
            throw new DmaBufException(Reason.GONE, "the request is over: its deadline passed or it was answered");
        }
    }

    /** Gives the addresses up, before their allocator hears that it may hand them out again. */
    synchronized void unclaim() {
        claims.drop(holding);
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        unclaim();
        memories.forEach(claims::disuse);
        Amount cost = Budget.cost(memories);
        try {
            close(memories);
        } finally {
            budget.giveBack(cost); // last: who waits for room gets it when it is there
            budget.close();
        }
    }

    /** Closes every one, also when one of them fails; an error is thrown, else the first refusal. */
    private static void close(List<Memory> memories) {
        @Nullable Error error = null;
        @Nullable RuntimeException refusal = null;
        for (Memory memory : memories) {
            try {
                memory.close();
            } catch (Error e) {
                error = e;
            } catch (RuntimeException e) {
                refusal = refusal == null ? e : refusal;
            }
        }
        if (error != null) {
            throw error;
        }
        if (refusal != null) {
            throw refusal;
        }
    }
}
