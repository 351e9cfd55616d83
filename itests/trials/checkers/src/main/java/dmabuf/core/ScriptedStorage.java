// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static checkers.input.Documented.check;

import dmabuf.api.DmaBufException;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.Participant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An allocator that returns what a script says, and counts what it gets back. */
final class ScriptedStorage implements Allocator {
    private final StorageScript script;
    private final List<Allocation> out = new ArrayList<>();
    private @Nullable Memory first;
    private boolean releasedTwice;
    private long turn;

    ScriptedStorage(StorageScript script) {
        this.script = script;
    }

    @Override
    public boolean match(Participant device) {
        return true;
    }

    @Override
    @SuppressWarnings("NullAway") // null is one of the wrong answers
    public synchronized Allocation allocate(AllocationRequest request) {
        if (script.says("error")) {
            throw new StackOverflowError("as the script says");
        }
        script.fails().ifPresent(reason -> {
            throw new DmaBufException(reason, "as the script says");
        });
        if (script.says("null")) {
            return null;
        }
        Allocation given = storage(memory(request));
        out.add(given);
        return given;
    }

    private Memory memory(AllocationRequest request) {
        Memory earlier = first;
        if (script.says("same") && earlier != null) {
            return earlier;
        }
        Memory obtained = request.memory(script.memorySize());
        first = obtained;
        return obtained;
    }

    private Allocation storage(Memory memory) {
        if (script.promise().isPresent()) {
            return Allocation.unplaced(memory, script.memorySize(), script.promise().get());
        }
        long shift = script.says("fresh") ? turn++ << 32 : 0;
        List<Segment> places = script.segments().stream()
                .map(segment -> new Segment(segment.address() + shift, segment.byteSize()))
                .toList();
        return script.says("verified") ? Allocation.verified(memory, places) : Allocation.of(memory, places);
    }

    @Override
    public synchronized void release(Allocation allocation) {
        releasedTwice |= !out.removeIf(each -> each == allocation);
    }

    @Override
    public AllocatorStatistics statistics() {
        return new AllocatorStatistics(0, 0, 0, 0, 0, 0, 0);
    }

    /** Fails unless each allocation came back once. */
    synchronized void checkReleased() {
        check(!releasedTwice, "an allocation came back twice");
        check(out.isEmpty(), out.size() + " allocations did not come back");
    }
}
