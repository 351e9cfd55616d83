// SPDX-License-Identifier: Apache-2.0
package trials.core;

import dmabuf.linux.OpenMemory;
import java.lang.reflect.Method;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Lets the n-th call fail, of all system calls and calls of allocators and mappers together. One that gives something
 * back has done so and fails nevertheless, as close(2) does; any other has done nothing.
 */
final class Fault implements Wrap {
    /** In the place of an errno: an OutOfMemoryError. */
    static final int NO_ROOM_IN_THE_HEAP = -1;

    private static final Set<String> SILENT = Set.of("missing", "pageSize", "domain", "granule", "aperture", "output",
            "mapsHeapMemory", "translate", "describe", "statistics");
    private static final Set<String> GIVING_BACK =
            Set.of("close", "munmap", "mmapPrivateOver", "munlock", "release", "unmap");

    private final int failing;
    private final int errno;
    private final AtomicInteger made = new AtomicInteger();
    private volatile String failed = "none";

    Fault(int failing, int errno) {
        this.failing = failing;
        this.errno = errno;
    }

    /** Returns whether there were so many calls that one has failed. */
    boolean hasFailed() {
        return made.get() >= failing;
    }

    @Override
    public @Nullable Object answer(Method method, @Nullable Object[] arguments, Call real) throws Throwable {
        String name = method.getName();
        if (SILENT.contains(name) || made.incrementAndGet() != failing) {
            return real.make();
        }
        failed = method.getDeclaringClass().getSimpleName() + "." + name;
        if (GIVING_BACK.contains(name)) {
            real.make();
        }
        if (errno == NO_ROOM_IN_THE_HEAP) {
            throw new OutOfMemoryError("planted in " + failed);
        }
        if (name.equals("punchHole")) {
            return false; // It says no instead of throwing.
        }
        throw OpenMemory.failure(name, errno);
    }

    @Override
    public String toString() {
        return (errno == NO_ROOM_IN_THE_HEAP ? "OutOfMemoryError" : "errno " + errno) + " at call " + failing + ", " + failed;
    }
}
