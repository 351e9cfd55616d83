// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Sets and copies many bytes by memset(3) and memcpy(3), which take the fastest way that this machine has: a fill or copy by
 * Java takes up to twice as long. The calls let the garbage collector go on meanwhile.
 */
final class Bytes {
    // Constants, for the compiler to see through them; every C library has both.
    private static final MethodHandle MEMSET =
            Downcalls.plain("memset", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_LONG));
    private static final MethodHandle MEMCPY =
            Downcalls.plain("memcpy", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG));

    private Bytes() {}

    /** Makes bytes zero that are mapped, and stay so until this returns. */
    static void zero(long address, long byteSize) {
        try {
            long _ = (long) MEMSET.invokeExact(address, 0, byteSize);
        } catch (Throwable e) {
            throw Downcalls.unexpected(e);
        }
    }

    /** Copies all bytes of a segment to the beginning of another one, which does not overlap with it. */
    static void copy(MemorySegment from, MemorySegment to) {
        MemorySegment target = to.asSlice(0, from.byteSize());
        try {
            long _ = (long) MEMCPY.invokeExact(target, from, from.byteSize());
        } catch (Throwable e) {
            throw Downcalls.unexpected(e);
        }
    }
}
