// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dmabuf.api.FenceUsage;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.StructLayout;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class CLibraryTest {
    private final CLibrary calls = new CLibrary();

    @Test
    void thisMachineHasAllFunctions() {
        assertThat(calls.missing()).isEmpty();
        assertThat(Long.bitCount(calls.pageSize())).isEqualTo(1);
        assertThat(calls.pageSize()).isGreaterThanOrEqualTo(4096);
    }

    @Test
    void aFailureNamesTheCallItsValuesAndTheErrno() {
        refused(
                () -> calls.ftruncate(-1, 4096),
                Reason.GONE,
                "ftruncate(-1, 4096): EBADF (the descriptor is not open)");
        refused(() -> calls.close(-1), Reason.GONE, "close(-1): EBADF (the descriptor is not open)");
        refused(
                () -> calls.mmap(-1, 4096),
                Reason.GONE,
                "mmap(4096, PROT_READ|PROT_WRITE, MAP_SHARED, -1): EBADF (the descriptor is not open)");
        refused(
                () -> calls.munmap(1, 1),
                Reason.ACCESS,
                "munmap(0x1, 1): EINVAL (the kernel does not accept these values)");
        refused(
                () -> calls.memfdCreate("x".repeat(250)),
                Reason.ACCESS,
                "memfd_create(\"" + "x".repeat(250) + "\", MFD_CLOEXEC|MFD_ALLOW_SEALING): EINVAL"
                        + " (the kernel does not accept these values)");
        refused(
                () -> calls.mlock(1, 1),
                Reason.OUT_OF_MEMORY,
                "mlock(0x1, 1): ENOMEM (the machine has no room: lower dmabuf.linux capacity, or see vm.max_map_count)");
        refused(
                () -> calls.ioctl(-1, Ioctl.DMA_BUF_IOCTL_SYNC, "file", 0),
                Reason.GONE,
                "ioctl(file, DMA_BUF_IOCTL_SYNC): EBADF (the descriptor is not open)");
        refused(() -> calls.open("/absent", true), Reason.ACCESS, "/absent: ENOENT (there is no such file)");
        assertThat(calls.punchHole(-1, 4096)).isFalse();
        int closed = calls.memfdCreate("closed");
        calls.close(closed);
        refused(
                () -> calls.poll(closed, KernelStructs.POLLIN, Duration.ZERO),
                Reason.GONE,
                "poll(" + closed + "): EBADF (the descriptor is not open)");
    }

    @Test
    void aFileIsWaitedForUntilItIsReady() throws Exception {
        int ready = calls.memfdCreate("always-ready");
        try {
            assertThat(calls.poll(ready, KernelStructs.POLLIN, Duration.ofDays(1))).isTrue();
            assertThat(calls.poll(ready, KernelStructs.POLLOUT, Duration.ZERO)).isTrue();
        } finally {
            calls.close(ready);
        }
    }

    @Test
    void whatIsNoSyncFileIsRefusedAndNothingStaysOpen() {
        int file = calls.memfdCreate("no-sync-file");
        try {
            refused(
                    () -> SyncFileFence.of(calls, file),
                    Reason.INVALID,
                    "descriptor " + file + " is no sync_file: ioctl(sync_file, SYNC_IOC_FILE_INFO): ENOTTY (the kernel lacks"
                            + " CONFIG_SYNC_FILE)");
        } finally {
            calls.close(file);
        }
    }

    @Test
    void aRequestThatTheFileDoesNotKnowNamesTheKernelOption() {
        int file = calls.memfdCreate("no-dma-buf");
        try {
            DmaBufCalls dmaBufs = new DmaBufCalls(calls);
            String lacks = "): ENOTTY (the kernel lacks CONFIG_SYNC_FILE, Linux 6.0 or later)";
            refused(
                    () -> dmaBufs.exportSyncFile(file, "memfd", FenceUsage.READ),
                    Reason.ACCESS,
                    "ioctl(memfd, DMA_BUF_IOCTL_EXPORT_SYNC_FILE" + lacks);
            refused(
                    () -> dmaBufs.importSyncFile(file, "memfd", FenceUsage.WRITE, file),
                    Reason.ACCESS,
                    "ioctl(memfd, DMA_BUF_IOCTL_IMPORT_SYNC_FILE" + lacks);
        } finally {
            calls.close(file);
        }
    }

    @Test
    void aNameIsCutToWholeCharactersThatTheKernelTakes() {
        assertThat(DmaBufCalls.cut("short")).isEqualTo("short");
        assertThat(DmaBufCalls.cut("x".repeat(40))).isEqualTo("x".repeat(31));
        assertThat(DmaBufCalls.cut("ä".repeat(40))).isEqualTo("ä".repeat(15));
        assertThat(DmaBufCalls.cut("x\uD83D\uDE00".repeat(7))).isEqualTo("x\uD83D\uDE00".repeat(6) + "x");
    }

    /** The kernel's own words of the errno are planted: no file of this machine answers so at will. */
    @Test
    void interruptedCallsAreMadeAgainAndEagainWhereTheKernelSaysSo() {
        Errno[] answers = {Errno.EINTR, Errno.EAGAIN, Errno.EINTR, Errno.EAGAIN};
        assertThat(answered(Errno.EAGAIN, answers)).isZero();
        assertThat(answered(Errno.EINTR, answers)).isEqualTo(Errno.EAGAIN.number());
        assertThat(Arrays.stream(Ioctl.values()).filter(Ioctl::restarts)).containsExactly(Ioctl.DMA_BUF_IOCTL_SYNC);
    }

    /** The errno in the end, of a call that fails with these errnos before it succeeds. */
    private static int answered(Errno again, Errno... answers) {
        StructLayout state = Linker.Option.captureStateLayout();
        VarHandle errno = state.varHandle(PathElement.groupElement("errno"));
        Iterator<Errno> next = List.of(answers).iterator();
        return Downcalls.restarted(
                        memory -> {
                            if (!next.hasNext()) {
                                return 0;
                            }
                            errno.set(memory, 0L, next.next().number());
                            return -1;
                        },
                        again)
                .errno();
    }

    @Test
    void anErrnoWithoutANameIsShownAsNumber() {
        DmaBufException failure = Errno.failure("call()", 4711);
        assertThat(failure).hasMessage("call(): errno 4711");
        assertThat(failure.reason()).isEqualTo(Reason.ACCESS);
    }

    @Test
    void noRoomIsOutOfMemory() {
        assertThat(List.of(12, 23, 24, 27, 28))
                .extracting(errno -> Errno.failure("call()", errno).reason())
                .containsOnly(Reason.OUT_OF_MEMORY);
    }

    private static void refused(ThrowingCallable call, Reason reason, String message) {
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(call)
                .withMessage(message)
                .extracting(DmaBufException::reason)
                .isEqualTo(reason);
    }
}
