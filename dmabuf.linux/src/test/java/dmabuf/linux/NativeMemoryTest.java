// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dmabuf.api.CpuMode;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

class NativeMemoryTest {
    private static final long CAPACITY = 64L << 20;

    private final RecordedLog log = new RecordedLog();
    private final NativeMemory service = new NativeMemory(new CLibrary(), CAPACITY, log.logger());
    private final long page = service.pageSize();
    private String name;

    @BeforeEach
    void named(TestInfo info) {
        name = info.getTestMethod().orElseThrow().getName();
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(Resources.named(name)).isEqualTo(Resources.NONE);
        assertThat(service.inUse()).isZero();
    }

    @Test
    void beyondTheCapIsOutOfMemoryWithValues() {
        try (Memory held = service.memfd(48L << 20, name)) {
            assertThat(service.inUse()).isEqualTo(held.byteSize());
            assertThatExceptionOfType(DmaBufException.class)
                    .isThrownBy(() -> service.memfd(17L << 20, name))
                    .withMessage("memory of 17M exceeds the cap: 48M of 64M in use (dmabuf.linux capacity)")
                    .extracting(DmaBufException::reason)
                    .isEqualTo(Reason.OUT_OF_MEMORY);
            service.memfd(16L << 20, name).close();
        }
    }

    @Test
    void whatIsLargerThanEverythingIsRefusedBeforeAnyCall() {
        FailingCalls calls = new FailingCalls(0, 0);
        NativeMemory counted = new NativeMemory(calls, CAPACITY, log.logger());
        for (long size : new long[] {1L << 40, Long.MAX_VALUE & -page, Long.MIN_VALUE}) {
            assertThatExceptionOfType(DmaBufException.class)
                    .isThrownBy(() -> counted.memfd(size, name))
                    .withMessageContaining("exceeds the cap: 0 of 64M in use")
                    .extracting(DmaBufException::reason)
                    .isEqualTo(Reason.OUT_OF_MEMORY);
        }
        assertThat(calls.made()).isZero();
    }

    @Test
    void wrongRequestsAreRefused() {
        for (long size : new long[] {0, 1, page + 1, -1}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> service.memfd(size, name))
                    .withMessage("size " + Long.toUnsignedString(size) + " is no multiple of the page size " + page
                            + ", or 0");
        }
        String tooLong = "x".repeat(250);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> service.memfd(page, tooLong))
                .withMessage("a name has at most 249 bytes and no NUL, not 250: '" + tooLong + "'");
        service.memfd(page, "x".repeat(249)).close();
    }

    @Test
    void theCapHoldsUnderSixteenThreads() throws Exception {
        NativeMemory small = new NativeMemory(new CLibrary(), 8 * page, log.logger());
        CyclicBarrier start = new CyclicBarrier(16);
        try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
            List<Future<List<Memory>>> results = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                results.add(threads.submit(() -> {
                    start.await();
                    List<Memory> got = new ArrayList<>();
                    for (int n = 0; n < 4; n++) {
                        try {
                            got.add(small.memfd(page, name));
                        } catch (DmaBufException e) {
                            assertThat(e.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
                        }
                    }
                    return got;
                }));
            }
            List<Memory> all = new ArrayList<>();
            for (Future<List<Memory>> result : results) {
                all.addAll(result.get());
            }
            assertThat(all).hasSize(8);
            assertThat(small.inUse()).isEqualTo(8 * page);
            all.forEach(Memory::close);
            assertThat(small.inUse()).isZero();
        }
    }

    @Test
    void everyFailingCallLeavesNothingBehind() {
        for (int errno : FailingCalls.ERRNOS) {
            int made = Integer.MAX_VALUE;
            for (int n = 1; n <= made; n++) {
                FailingCalls calls = new FailingCalls(n, errno);
                NativeMemory failing = new NativeMemory(calls, CAPACITY, log.logger());
                useAll(failing);
                assertThat(Resources.named(name)).isEqualTo(Resources.NONE);
                assertThat(failing.inUse()).isZero();
                made = calls.made() < n ? 0 : Integer.MAX_VALUE;
            }
        }
    }

    /** A whole life; it ends early with a documented error where a call fails. */
    private void useAll(NativeMemory failing) {
        try (Memory memory = failing.memfd(page, name)) {
            failing.zero(memory);
            write(memory, (byte) 1);
            failing.closeDescriptor(memory.duplicateDescriptor());
        } catch (DmaBufException e) {
            assertThat(e.reason()).isIn(Reason.OUT_OF_MEMORY, Reason.ACCESS, Reason.BUSY);
        } catch (OutOfMemoryError e) {
            assertThat(e).hasMessageStartingWith("planted in ");
        }
    }

    @Test
    void whenTheServiceStopsItsMemoryGoesAlsoUnderAView() {
        NativeMemory stopping = new NativeMemory(new CLibrary(), CAPACITY, log.logger());
        Memory idle = stopping.memfd(page, name);
        Memory read = stopping.memfd(page, name);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment view = read.view(0, page, CpuMode.READ, arena);
            stopping.stop();
            assertThat(Resources.named(name)).isEqualTo(Resources.NONE);
            assertThat(view.get(ValueLayout.JAVA_BYTE, 0)).isZero();
        }
        idle.close();
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> stopping.memfd(page, name))
                .withMessage("the memory service has stopped");
        assertThat(stopping.inUse()).isZero();
    }

    @Test
    void theCapIsConfigured() {
        service.configure(Map.of("capacity", "1G"));
        assertThat(service.capacity()).isEqualTo(1L << 30);
        service.configure(Map.of("capacity", 1L << 20));
        assertThat(service.capacity()).isEqualTo(1L << 20);
        service.configure(Map.of());
        assertThat(service.capacity()).isEqualTo(CAPACITY);
        assertThat(log.lines).isEmpty();
    }

    @Test
    void aWrongCapLeavesTheOldInForceAndSaysWhy() {
        service.configure(Map.of("capacity", "1M"));
        service.configure(Map.of("capacity", "much"));
        service.configure(Map.of("capacity", "0xffffffffffffffff"));
        service.configure(Map.of("cap", "1G"));
        assertThat(service.capacity()).isEqualTo(1L << 20);
        assertThat(log.lines)
                .containsExactly(
                        "error: the capacity is refused: capacity=much of dmabuf.linux: 'much' is not a number: write"
                                + " decimal, 0x or 0b, with K, M or G for a size; the cap stays at 1048576 bytes",
                        "error: the capacity is refused: capacity=0xffffffffffffffff of dmabuf.linux: write a number"
                                + " from 0 to 9223372036854775807; the cap stays at 1048576 bytes",
                        "error: the capacity is refused: unknown key 'cap' of dmabuf.linux: the keys are capacity; the"
                                + " cap stays at 1048576 bytes");
    }

    private static void write(Memory memory, byte value) {
        try (Arena arena = Arena.ofConfined()) {
            memory.view(0, memory.byteSize(), CpuMode.WRITE, arena).fill(value);
        }
    }
}
