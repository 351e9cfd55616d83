// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.CpuMode;
import dmabuf.api.DmaBufException;
import dmabuf.api.Explanation;
import dmabuf.api.FenceUsage;
import dmabuf.api.Reason;
import dmabuf.api.spi.KernelFence;
import dmabuf.api.spi.Memory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Sync_files as the kernel tells of them; what they do to real drivers is tried in the lab. */
class SyncFileFenceTest {
    private final FailingCalls calls = new FailingCalls(0, 0);

    private KernelFence fence() {
        int foreign = calls.memfdCreate("a-sync-file");
        try {
            return SyncFileFence.of(calls, foreign);
        } finally {
            calls.close(foreign);
        }
    }

    @Test
    void itOutlivesTheDescriptorThatItCameBy() {
        try (KernelFence fence = fence()) {
            assertThat(fence.await(Duration.ZERO)).isTrue();
            assertThat(fence.error()).isEmpty();
        }
    }

    @Test
    void anErrorIsTold() {
        try (KernelFence fence = fence()) {
            calls.devices().fenceStatus = -Errno.ETIMEDOUT.number();
            Explanation error = fence.error().orElseThrow();
            assertThat(error.reason()).isEqualTo(Reason.TIMED_OUT);
            assertThat(error.text()).isEqualTo("its sync_file was signalled with ETIMEDOUT");
        }
    }

    /** Whatever call fails, no descriptor stays. */
    @Test
    void aFailureLeavesNothingOpen() throws Exception {
        int foreign = calls.memfdCreate("a-sync-file");
        long before = descriptors();
        for (int n = 1; n <= 2; n++) {
            FailingCalls failing = new FailingCalls(n, Errno.EMFILE.number());
            assertThatThrownBy(() -> SyncFileFence.of(failing, foreign)).isInstanceOf(DmaBufException.class);
            assertThat(descriptors()).isEqualTo(before);
        }
        calls.close(foreign);
    }

    /** Whatever call fails while drivers are asked for, no descriptor stays. */
    @Test
    void driversAreAskedAndNothingStaysOpen() throws Exception {
        int file = calls.memfdCreate("a-sync-file");
        long before = descriptors();
        for (int n = 0; n <= 5; n++) {
            FailingCalls failing = new FailingCalls(n, Errno.EMFILE.number());
            LinuxMemory memory = new LinuxMemory(
                    failing, Backing.ofDmaBuf("heap:double", calls.duplicate(file), 4096), _ -> false, _ -> {});
            answers(memory, () -> {
                assertThat(memory.awaitDrivers(FenceUsage.WRITE, Duration.ZERO)).isTrue();
                assertThat(memory.awaitDrivers(FenceUsage.READ, Duration.ofDays(1))).isTrue();
                calls.close(memory.exportSyncFile(FenceUsage.READ));
            });
            assertThat(descriptors()).as("call %s fails", n).isEqualTo(before);
        }
        calls.close(file);
    }

    /** A descriptor that was opened is closed, and an access that was begun is ended, when the call fails after that. */
    @Test
    void aCloseThatFailsLeavesNothing() throws Exception {
        int file = calls.memfdCreate("a-sync-file");
        long before = descriptors();
        LinuxMemory memory =
                new LinuxMemory(calls, Backing.ofDmaBuf("heap:double", calls.duplicate(file), 4096), _ -> false, _ -> {});
        calls.devices().duringSync = memory::close;
        calls.closeBadly();
        assertThatThrownBy(() -> memory.beginCpuAccess(CpuMode.READ)).hasMessageContaining("EIO");
        assertThat(descriptors()).isEqualTo(before);
        memory.close();
        assertThatThrownBy(() -> calls.close(file)).hasMessageContaining("EIO");
        assertThat(descriptors()).isEqualTo(before - 1);
    }

    private static void answers(LinuxMemory memory, Runnable questions) {
        try (memory) {
            questions.run();
        } catch (DmaBufException e) {
            assertThat(e).hasMessageContaining("EMFILE");
        }
    }

    private static long descriptors() {
        return Arrays.stream(Path.of("/proc/self/fd").toFile().list())
                .filter(name -> Files.isSymbolicLink(Path.of("/proc/self/fd", name)))
                .filter(SyncFileFenceTest::isOurs)
                .count();
    }

    private static boolean isOurs(String name) {
        try {
            String file = Files.readSymbolicLink(Path.of("/proc/self/fd", name)).toString();
            return file.contains("a-sync-file") || file.contains(DeviceDouble.NAME);
        } catch (IOException e) {
            return false;
        }
    }

    @Test
    void plainMemoryIsToldNothing() {
        try (KernelFence fence = fence();
                Memory memory = new LinuxMemory(
                        calls, Backing.ofMemfd(calls.memfdCreate("plain"), 4096), _ -> false, _ -> {})) {
            fence.importInto(memory, FenceUsage.WRITE);
            assertThat(memory.awaitDrivers(FenceUsage.WRITE, Duration.ofDays(1))).isTrue();
            assertThatThrownBy(() -> memory.exportSyncFile(FenceUsage.READ))
                    .hasMessage("memfd memory is no dma-buf: no driver works on it");
        }
    }
}
