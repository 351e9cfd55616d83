// SPDX-License-Identifier: Apache-2.0
package itests.lab.peer;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * A timeline of sw_sync, by which a program makes fences of the kernel (drivers/dma-buf/sw_sync.c, for tests alone). What
 * is pending when it is closed fails with ENOENT.
 */
public final class Timeline implements AutoCloseable {
    /** The file that opens one. */
    public static final Path NODE = Path.of("/sys/kernel/debug/sync/sw_sync");

    private static final long CREATE_FENCE = 0xc0285700L;

    private final int fd = Posix.open(NODE.toString());

    /** Returns the descriptor of a new sync_file that is pending; {@link Posix#close} closes it. */
    public int fence() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocate(40, 8); // struct sw_sync_create_fence_data: u32 value, char name[32], s32 fence
            data.set(ValueLayout.JAVA_INT, 0, 1);
            data.setString(4, "lab");
            Posix.ioctl("SW_SYNC_IOC_CREATE_FENCE", fd, CREATE_FENCE, data);
            return data.get(ValueLayout.JAVA_INT, 36);
        }
    }

    @Override
    public void close() {
        Posix.close(fd);
    }
}
