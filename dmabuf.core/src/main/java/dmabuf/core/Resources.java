// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.MemorySource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the core gave to one request, and later stands behind one storage: memory and claimed addresses. Closing it
 * gives everything back, once, whoever still refers to it.
 */
final class Resources implements AutoCloseable {
    private final MemoryService service;
    private final Cap cap;
    private final Claims claims;
    private final Claims.Holding holding = new Claims.Holding();
    private final List<Memory> memories = new ArrayList<>();
    private boolean closed;

    Resources(MemoryService service, Cap cap, Claims claims) {
        this.service = service;
        this.cap = cap;
        this.claims = claims;
    }

    /** Obtains memory; OUT_OF_MEMORY at the cap, GONE once closed. */
    synchronized Memory obtain(MemorySource source, long byteSize, String name) {
        checkOpen();
        cap.take(byteSize);
        Optional<Memory> obtained = Optional.empty();
        try {
            obtained = Optional.of(service.allocate(source, byteSize, name));
            memories.add(obtained.get());
            claims.use(obtained.get());
            return obtained.get();
        } finally {
            if (obtained.isEmpty()) {
                cap.giveBack(byteSize);
            }
        }
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
        cap.take(memory.byteSize());
        if (!claims.use(memory)) {
            cap.giveBack(memory.byteSize());
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
        for (Memory memory : memories) {
            claims.disuse(memory);
            cap.giveBack(memory.byteSize());
            memory.close();
        }
    }
}
