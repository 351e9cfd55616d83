// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.DmaBufException;
import dmabuf.api.Explanation;
import dmabuf.api.FenceUsage;
import dmabuf.api.Reason;
import dmabuf.api.spi.KernelFence;
import dmabuf.api.spi.Memory;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.Optional;

/** A duplicate of somebody's sync_file. */
final class SyncFileFence implements KernelFence {
    private final SystemCalls calls;
    private final int descriptor;

    private SyncFileFence(SystemCalls calls, int descriptor) {
        this.calls = calls;
        this.descriptor = descriptor;
    }

    /** Duplicates a descriptor; INVALID when it is no sync_file, GONE when it is not open. */
    static SyncFileFence of(SystemCalls calls, int foreign) {
        try (Opened own = new Opened(calls)) {
            SyncFileFence fence = new SyncFileFence(calls, own.add(calls.duplicate(foreign)));
            fence.checkKind(foreign);
            own.keepAll();
            return fence;
        }
    }

    private void checkKind(int foreign) {
        try {
            status();
        } catch (DmaBufException e) {
            throw e.reason() == Reason.ACCESS
                    ? new DmaBufException(Reason.INVALID, "descriptor " + foreign + " is no sync_file: " + e.getMessage(), e)
                    : e;
        }
    }

    @Override
    public boolean await(Duration limit) {
        return calls.poll(descriptor, KernelStructs.POLLIN, limit);
    }

    /** Returns 0 while it is pending, 1 when it is signalled, and an errno below 0 when it failed. */
    private int status() {
        try (Arena arena = Arena.ofConfined()) {
            Struct.Value info = KernelStructs.SYNC_FILE_INFO.in(arena);
            calls.ioctl(descriptor, Ioctl.SYNC_IOC_FILE_INFO, "sync_file", info.address());
            return (int) info.get("status");
        }
    }

    @Override
    public Optional<Explanation> error() {
        int status = status();
        return status < 0 ? Optional.of(explanation(-status)) : Optional.empty();
    }

    private static Explanation explanation(int errno) {
        Reason reason = Errno.failure("sync_file", errno).reason();
        String name = Errno.of(errno).map(Errno::name).orElse("errno " + errno);
        return Explanation.of(reason, "its sync_file was signalled with " + name);
    }

    @Override
    public void importInto(Memory memory, FenceUsage usage) {
        if (memory instanceof LinuxMemory own) {
            own.importSyncFile(usage, descriptor);
        }
    }

    @Override
    public void close() {
        calls.close(descriptor);
    }
}
