// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.CpuMode;
import dmabuf.api.FenceUsage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** The requests of linux/dma-buf.h, and what proc(5) tells of a dma-buf. */
final class DmaBufCalls {
    private final SystemCalls calls;

    DmaBufCalls(SystemCalls calls) {
        this.calls = calls;
    }

    /** Begins or ends an access of the CPU: the exporter makes caches and devices agree. */
    void sync(int dmaBuf, String file, long edge, CpuMode mode) {
        long direction = switch (mode) {
            case READ -> KernelStructs.DMA_BUF_SYNC_READ;
            case WRITE -> KernelStructs.DMA_BUF_SYNC_WRITE;
            case READ_WRITE -> KernelStructs.DMA_BUF_SYNC_READ | KernelStructs.DMA_BUF_SYNC_WRITE;
        };
        try (Arena arena = Arena.ofConfined()) {
            Struct.Value flags = KernelStructs.DMA_BUF_SYNC.in(arena).with("flags", edge | direction);
            calls.ioctl(dmaBuf, Ioctl.DMA_BUF_IOCTL_SYNC, file, flags.address());
        }
    }

    /** Names a dma-buf: as much of the name as the kernel takes, in whole characters. */
    void name(int dmaBuf, String file, String name) {
        try (Arena arena = Arena.ofConfined()) {
            calls.ioctl(dmaBuf, Ioctl.DMA_BUF_SET_NAME_B, file, arena.allocateFrom(cut(name)).address());
        }
    }

    /** Returns a sync_file that is signalled when the work on a dma-buf is done which an access has to wait for. */
    int exportSyncFile(int dmaBuf, String file, FenceUsage usage) {
        try (Arena arena = Arena.ofConfined()) {
            Struct.Value value = KernelStructs.DMA_BUF_EXPORT.in(arena).with("flags", flag(usage)).with("fd", -1);
            calls.ioctl(dmaBuf, Ioctl.DMA_BUF_IOCTL_EXPORT_SYNC_FILE, file, value.address());
            return (int) value.get("fd");
        }
    }

    /** Makes those who use a dma-buf wait for a sync_file, as for one that reads it or writes it. */
    void importSyncFile(int dmaBuf, String file, FenceUsage usage, int syncFile) {
        try (Arena arena = Arena.ofConfined()) {
            Struct.Value value =
                    KernelStructs.DMA_BUF_IMPORT.in(arena).with("flags", flag(usage)).with("fd", syncFile);
            calls.ioctl(dmaBuf, Ioctl.DMA_BUF_IOCTL_IMPORT_SYNC_FILE, file, value.address());
        }
    }

    private static long flag(FenceUsage usage) {
        return usage == FenceUsage.WRITE ? KernelStructs.DMA_BUF_SYNC_WRITE : KernelStructs.DMA_BUF_SYNC_READ;
    }

    /** Returns how many references to the open dma-buf there are: descriptors, mappings, drivers. */
    static OptionalLong holders(int dmaBuf) {
        try {
            return Files.readAllLines(Path.of("/proc/self/fdinfo", String.valueOf(dmaBuf))).stream()
                    .filter(line -> line.startsWith("count:"))
                    .mapToLong(line -> Long.parseLong(line.substring(6).strip()))
                    .findFirst();
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    static String cut(String name) {
        int end = name.length();
        while (name.substring(0, end).getBytes(StandardCharsets.UTF_8).length >= KernelStructs.DMA_BUF_NAME_LEN) {
            end = name.offsetByCodePoints(end, -1);
        }
        return name.substring(0, end);
    }
}
