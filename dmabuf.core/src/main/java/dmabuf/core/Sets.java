// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.BufferSet;
import dmabuf.api.Recycling;
import dmabuf.api.SetInfo;
import dmabuf.api.SetRequest;
import java.util.List;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The living sets, by the ids of their patterns, and the thread that frees what they have no more use for: whoever releases
 * a buffer does not wait for that.
 */
final class Sets implements AutoCloseable {
    private static final long IDLE_SECONDS = 1;

    private final Core core;
    private final ConcurrentNavigableMap<Long, Rotation> sets = new ConcurrentSkipListMap<>();
    private final ThreadPoolExecutor tidying =
            new ThreadPoolExecutor(1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Sets::thread);

    Sets(Core core) {
        this.core = core;
        tidying.allowCoreThreadTimeOut(true);
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(null, work, "dmabuf-sets", 0, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(Sets.class.getClassLoader());
        return thread;
    }

    BufferSet create(SetRequest request, Owner owner) {
        BufferReference pattern = core.opening().create(request.buffer().withRecycling(Recycling.NONE), owner);
        Rotation set = new Rotation(core, owner, request, pattern);
        sets.put(pattern.id(), set);
        try {
            pattern.check();
        } catch (RuntimeException e) {
            set.close(); // its owner or the core went meanwhile, and may not have found it
            throw e;
        }
        return set;
    }

    /** Returns the living buffers, by id, but for those that only stand for a set. */
    List<Buffer> buffers() {
        return core.buffers().stream().filter(buffer -> !isPattern(buffer.id())).toList();
    }

    /** Returns whether a buffer only stands for a set. */
    boolean isPattern(long id) {
        return sets.containsKey(id);
    }

    void forget(Rotation set) {
        sets.remove(set.renewal().pattern().id(), set);
    }

    List<SetInfo> infos() {
        return sets.values().stream().map(Rotation::info).toList();
    }

    /** Gives a set new storage when the allocator of the present one left; under the lock of the buffer, its pattern. */
    void follow(Buffer buffer) {
        Rotation set = sets.get(buffer.id());
        if (set != null) {
            set.renewal().follow();
        }
    }

    /** Ends the sets of an owner that leaves: their buffers are ended one by one, like all that it has. */
    void end(Owner owner) {
        sets.values().stream().filter(set -> set.owner() == owner).forEach(set -> {
            set.end();
            forget(set);
        });
    }

    /** Does work that may wait, in order; never once the core is closed, which ends all buffers. */
    void later(Runnable work) {
        try {
            tidying.execute(work);
        } catch (RejectedExecutionException _) {
            // the core is closed, and takes every buffer down
        }
    }

    @Override
    public void close() {
        sets.values().forEach(Rotation::end);
        sets.clear();
        tidying.shutdown();
    }
}
