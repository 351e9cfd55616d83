// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.SegmentLimits;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiPredicate;

/**
 * The one double of scenarios: an allocator that accepts, refuses, fails, throws, hangs or lies as its line says. Its
 * memory is real.
 */
final class ScriptedAllocator implements Allocator {
    private final Script script;
    private final BiPredicate<String, String> isNamed;
    private final ScriptedPool pool;
    private final Map<Long, Segment> taken = new HashMap<>();
    private long lastCookie;
    private long live;
    private long used;
    private long highWater;
    private long failed;
    private long scriptedFailures;
    private long failedByFragmentation;

    /**
     * Creates one.
     *
     * @param isNamed whether a word of the line means the device with this full name
     */
    ScriptedAllocator(Script script, BiPredicate<String, String> isNamed) {
        this.script = script;
        this.isNamed = isNamed;
        this.pool = new ScriptedPool(script.range());
    }

    @Override
    public boolean match(Participant device) {
        boolean accepted = script.acceptsAll()
                || script.accepts().stream().anyMatch(word -> isNamed.test(word, device.device()));
        return accepted && script.rejects().stream().noneMatch(word -> isNamed.test(word, device.device()));
    }

    @Override
    public Allocation allocate(AllocationRequest request) {
        if (script.hangs().isPositive()) {
            hang(script.hangs());
        }
        try {
            return place(request);
        } catch (DmaBufException e) {
            countFailure(e.reason());
            throw e;
        }
    }

    private synchronized Allocation place(AllocationRequest request) {
        misbehave();
        if (!script.segments().isEmpty()) {
            return grant(request, script.segments());
        }
        Segment place = pool.take(request.storageSize(), alignment(request));
        try {
            Allocation allocation = grant(request, List.of(place));
            taken.put(allocation.cookie(), place);
            return allocation;
        } catch (RuntimeException e) {
            pool.give(place);
            throw e;
        }
    }

    private void misbehave() {
        if (script.throwing()) {
            failed++;
            throw new UnsupportedOperationException("scripted to throw");
        }
        if (script.fails().isPresent() && scriptedFailures < script.failures()) {
            scriptedFailures++;
            throw new DmaBufException(script.fails().get(), "scripted to fail with " + script.fails().get());
        }
    }

    private Allocation grant(AllocationRequest request, List<Segment> segments) {
        Allocation allocation =
                Allocation.of(request.memory(request.storageSize()), segments).withCookie(++lastCookie);
        live++;
        used += allocation.byteSize();
        highWater = Math.max(highWater, used);
        return allocation;
    }

    /** It is simple, but no liar: what it can see of alignment it honours. */
    private static long alignment(AllocationRequest request) {
        long unit = Math.max(request.pageSize(), request.alignment());
        for (SegmentLimits limits : request.limits()) {
            unit = Long.compareUnsigned(limits.unit(), unit) > 0 ? limits.unit() : unit;
        }
        return unit;
    }

    private synchronized void countFailure(Reason reason) {
        failed++;
        failedByFragmentation += reason == Reason.FRAGMENTED ? 1 : 0;
    }

    /** Foreign code that hangs does not listen to interrupts either. */
    private static void hang(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        boolean interrupted = false;
        for (long left = time.toNanos(); left > 0; left = end - System.nanoTime()) {
            try {
                Thread.sleep(Duration.ofNanos(left));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public synchronized void release(Allocation allocation) {
        live--;
        used -= allocation.byteSize();
        Segment place = taken.remove(allocation.cookie());
        if (place != null) {
            pool.give(place);
        }
    }

    @Override
    public synchronized AllocatorStatistics statistics() {
        return new AllocatorStatistics(
                live, used, pool.freeBytes(), pool.largest(), highWater, failed, failedByFragmentation);
    }
}
