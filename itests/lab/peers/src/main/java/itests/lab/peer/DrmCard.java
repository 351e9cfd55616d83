// SPDX-License-Identifier: Apache-2.0
package itests.lab.peer;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * A DRM card that imports dma-bufs. Numbers and offsets are those of include/uapi/drm/drm.h and drm_mode.h on 64-bit
 * machines.
 */
public final class DrmCard implements AutoCloseable {
    private static final long VERSION = 0xc0406400L;
    private static final long GEM_CLOSE = 0x40086409L;
    private static final long PRIME_HANDLE_TO_FD = 0xc00c642dL;
    private static final long PRIME_FD_TO_HANDLE = 0xc00c642eL;
    private static final long VGEM_FENCE_ATTACH = 0xc0106441L; // vgem_drm.h
    private static final long VGEM_FENCE_SIGNAL = 0x40086442L;

    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

    private final int fd;
    private final int number;
    private final Arena arena = Arena.ofShared();

    private DrmCard(int number) {
        this.number = number;
        this.fd = Posix.open(node(number).toString());
    }

    private static Path node(int number) {
        return Path.of("/dev/dri/card" + number);
    }

    /** Opens the card of a driver; empty where there is none. */
    public static Optional<DrmCard> of(String driver) {
        return IntStream.range(0, 8)
                .filter(number -> Files.exists(node(number)))
                .mapToObj(DrmCard::new)
                .filter(card -> card.isOf(driver))
                .findFirst();
    }

    private boolean isOf(String driver) {
        MemorySegment name = arena.allocate(64);
        MemorySegment version = arena.allocate(64, 8);
        version.set(LONG, 16, name.byteSize() - 1);
        version.set(LONG, 24, name.address());
        ioctl("DRM_IOCTL_VERSION", VERSION, version);
        if (name.getString(0, StandardCharsets.US_ASCII).equals(driver)) {
            return true;
        }
        close();
        return false;
    }

    int number() {
        return number;
    }

    int descriptor() {
        return fd;
    }

    MemorySegment struct(long byteSize) {
        return arena.allocate(byteSize, 8);
    }

    int ioctl(String what, long request, MemorySegment argument) {
        return Posix.ioctl(what, fd, request, argument);
    }

    /** Imports a dma-buf; returns its handle. */
    public int importBuffer(int dmaBuf) {
        MemorySegment prime = struct(12);
        prime.set(INT, 8, dmaBuf);
        ioctl("DRM_IOCTL_PRIME_FD_TO_HANDLE", PRIME_FD_TO_HANDLE, prime);
        return prime.get(INT, 0);
    }

    /** Exports what a handle stands for, and returns a mapping of it that lives as long as the arena. */
    public MemorySegment mapExported(int handle, long byteSize, Arena lifetime) {
        MemorySegment prime = struct(12);
        prime.set(INT, 0, handle);
        prime.set(INT, 4, 0x80002); // DRM_CLOEXEC | DRM_RDWR
        ioctl("DRM_IOCTL_PRIME_HANDLE_TO_FD", PRIME_HANDLE_TO_FD, prime);
        int exported = prime.get(INT, 8);
        try {
            return Posix.map(exported, 0, byteSize, lifetime);
        } finally {
            Posix.close(exported);
        }
    }

    /** Begins to write what a handle stands for, as vgem lets a program do; returns the fence of it, which lasts 10 s. */
    public int beginWriting(int handle) {
        MemorySegment attach = struct(16);
        attach.set(INT, 0, handle);
        attach.set(INT, 4, 1); // VGEM_FENCE_WRITE
        ioctl("DRM_IOCTL_VGEM_FENCE_ATTACH", VGEM_FENCE_ATTACH, attach);
        return attach.get(INT, 8);
    }

    /** Ends what has begun. */
    public void endWriting(int fence) {
        MemorySegment signal = struct(8);
        signal.set(INT, 0, fence);
        ioctl("DRM_IOCTL_VGEM_FENCE_SIGNAL", VGEM_FENCE_SIGNAL, signal);
    }

    /** Lets go of a handle. */
    public void release(int handle) {
        MemorySegment gem = struct(8);
        gem.set(INT, 0, handle);
        ioctl("DRM_IOCTL_GEM_CLOSE", GEM_CLOSE, gem);
    }

    @Override
    public void close() {
        arena.close();
        Posix.close(fd);
    }
}
