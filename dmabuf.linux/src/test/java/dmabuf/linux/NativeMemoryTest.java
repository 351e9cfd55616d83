// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dmabuf.api.CpuMode;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.Memory;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
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
    void freshMemoryIsZeroAndKeepsWhatIsWritten() {
        try (Memory memory = service.memfd(3 * page, name)) {
            assertThat(memory.byteSize()).isEqualTo(3 * page);
            assertThat(memory.source()).isEqualTo("memfd");
            assertThat(bytes(memory)).hasSize((int) (3 * page)).containsOnly(0);
            write(memory, (byte) 7);
            assertThat(bytes(memory)).containsOnly(7);
        }
    }

    @Test
    void isMappedOnceAndOnlyWhenLookedAt() {
        try (Memory memory = service.memfd(page, name)) {
            assertThat(Resources.named(name)).isEqualTo(new Resources(1, 0));
            try (Arena arena = Arena.ofConfined()) {
                memory.view(0, page, CpuMode.READ, arena);
                memory.view(0, 1, CpuMode.WRITE, arena);
                assertThat(Resources.named(name)).isEqualTo(new Resources(1, 1));
            }
        }
    }

    @Test
    void aViewDiesWithItsArena() {
        try (Memory memory = service.memfd(page, name)) {
            MemorySegment view;
            try (Arena arena = Arena.ofConfined()) {
                view = memory.view(0, page, CpuMode.READ_WRITE, arena);
                view.set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
            }
            MemorySegment dead = view;
            assertThatIllegalStateException().isThrownBy(() -> dead.get(ValueLayout.JAVA_BYTE, 0));
        }
    }

    @Test
    void aViewForReadingCannotWrite() {
        try (Memory memory = service.memfd(page, name); Arena arena = Arena.ofConfined()) {
            MemorySegment view = memory.view(0, page, CpuMode.READ, arena);
            assertThat(view.isReadOnly()).isTrue();
            assertThatIllegalArgumentException().isThrownBy(() -> view.set(ValueLayout.JAVA_BYTE, 0, (byte) 1));
        }
    }

    @Test
    void aViewOfAPartSeesThatPart() {
        try (Memory memory = service.memfd(2 * page, name); Arena arena = Arena.ofConfined()) {
            memory.view(page + 3, 1, CpuMode.WRITE, arena).set(ValueLayout.JAVA_BYTE, 0, (byte) 9);
            assertThat(bytes(memory)[(int) page + 3]).isEqualTo((byte) 9);
        }
    }

    @Test
    void aRangeOutsideIsRefusedWithoutOverflow() {
        try (Memory memory = service.memfd(page, name); Arena arena = Arena.ofConfined()) {
            long[][] ranges = {
                {0, page + 1}, {page, 1}, {1, page}, {-1, 1}, {0, 0}, {0, -1}, {Long.MAX_VALUE, 1}, {1, Long.MAX_VALUE},
                {Long.MIN_VALUE, Long.MIN_VALUE}
            };
            for (long[] range : ranges) {
                assertThatIllegalArgumentException()
                        .isThrownBy(() -> memory.view(range[0], range[1], CpuMode.READ, arena))
                        .withMessage("range " + range[0] + "+" + range[1] + " is not inside the memory of " + page
                                + " bytes");
            }
            assertThat(Resources.named(name)).isEqualTo(new Resources(1, 0));
        }
    }

    @Test
    void closingWaitsForTheLastReader() {
        Memory memory = service.memfd(page, name);
        write(memory, (byte) 5);
        Arena first = Arena.ofShared();
        Arena second = Arena.ofConfined();
        MemorySegment early = memory.view(0, page, CpuMode.READ, first);
        MemorySegment late = memory.view(0, page, CpuMode.READ, second);
        memory.close();
        memory.close();
        assertThat(early.get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 5);
        first.close();
        assertThat(late.get(ValueLayout.JAVA_BYTE, page - 1)).isEqualTo((byte) 5);
        assertThat(service.inUse()).isEqualTo(page);
        assertThat(Resources.named(name)).isEqualTo(new Resources(1, 1));
        second.close();
        assertThat(Resources.named(name)).isEqualTo(Resources.NONE);
        assertThat(service.inUse()).isZero();
    }

    @Test
    void afterCloseEverythingIsGone() {
        Memory memory = service.memfd(page, name);
        memory.close();
        try (Arena arena = Arena.ofConfined()) {
            for (Callable<?> use : List.<Callable<?>>of(
                    () -> memory.view(0, 1, CpuMode.READ, arena), memory::duplicateDescriptor)) {
                assertThatExceptionOfType(DmaBufException.class)
                        .isThrownBy(use::call)
                        .withMessage("the memory of " + page + " bytes is closed")
                        .extracting(DmaBufException::reason)
                        .isEqualTo(Reason.GONE);
            }
        }
    }

    @Test
    void aViewInADeadArenaHoldsNothing() {
        Memory memory = service.memfd(page, name);
        Arena arena = Arena.ofConfined();
        arena.close();
        assertThatIllegalStateException().isThrownBy(() -> memory.view(0, page, CpuMode.READ, arena));
        memory.close();
    }

    @Test
    void aDuplicateOutlivesTheMemory() throws IOException {
        Memory memory = service.memfd(page, name);
        int descriptor = memory.duplicateDescriptor();
        write(memory, (byte) 3);
        memory.close();
        assertThat(Resources.named(name)).isEqualTo(new Resources(1, 0));
        try (FileChannel file = FileChannel.open(Path.of("/proc/self/fd/" + descriptor))) {
            ByteBuffer bytes = ByteBuffer.allocate((int) page);
            file.read(bytes, 0);
            assertThat(bytes.array()).containsOnly(3);
        }
        service.closeDescriptor(descriptor);
    }

    @Test
    void theFileCannotBeResized() throws IOException {
        try (Memory memory = service.memfd(2 * page, name)) {
            int descriptor = memory.duplicateDescriptor();
            try (FileChannel file =
                    FileChannel.open(Path.of("/proc/self/fd/" + descriptor), StandardOpenOption.WRITE)) {
                assertThatExceptionOfType(IOException.class).isThrownBy(() -> file.truncate(page));
                assertThatExceptionOfType(IOException.class)
                        .isThrownBy(() -> file.write(ByteBuffer.allocate(1), 2 * page));
            }
            service.closeDescriptor(descriptor);
        }
    }

    @Test
    void zeroesWhatIsMapped() {
        try (Memory memory = service.memfd(2 * page, name)) {
            write(memory, (byte) 1);
            service.zero(memory);
            assertThat(bytes(memory)).containsOnly(0);
        }
    }

    @Test
    void zeroesWhatOnlyAnotherHolderWroteWithoutMapping() throws IOException {
        try (Memory memory = service.memfd(2 * page, name)) {
            int descriptor = memory.duplicateDescriptor();
            try (FileChannel file =
                    FileChannel.open(Path.of("/proc/self/fd/" + descriptor), StandardOpenOption.WRITE)) {
                file.write(ByteBuffer.wrap(new byte[] {1, 2, 3}), page);
            }
            service.closeDescriptor(descriptor);
            service.zero(memory);
            assertThat(Resources.named(name).mappings()).isZero();
            assertThat(bytes(memory)).containsOnly(0);
        }
    }

    @Test
    void copiesAllBytes() {
        try (Memory from = service.memfd(2 * page, name); Memory to = service.memfd(3 * page, name)) {
            write(from, (byte) 4);
            service.copy(from, to);
            assertThat(bytes(to)[(int) (2 * page) - 1]).isEqualTo((byte) 4);
            assertThat(bytes(to)[(int) (2 * page)]).isEqualTo((byte) 0);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> service.copy(to, from))
                    .withMessage("memory of " + 3 * page + " bytes does not fit into one of " + 2 * page);
        }
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
        for (int errno : new int[] {1, 12, 13, 22, 23, 24, 28, 38, 95, 99}) {
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
            assertThat(e.reason()).isIn(Reason.OUT_OF_MEMORY, Reason.ACCESS);
        }
    }

    @Test
    void nothingLeaksOverAThousandLives() {
        for (int i = 0; i < 1_000; i++) {
            try (Memory memory = service.memfd(page, name)) {
                write(memory, (byte) i);
            }
        }
    }

    @Test
    void whenTheServiceStopsItsMemoryGoesAfterTheLastView() {
        NativeMemory stopping = new NativeMemory(new CLibrary(), CAPACITY, log.logger());
        Memory idle = stopping.memfd(page, name);
        Memory read = stopping.memfd(page, name);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment view = read.view(0, page, CpuMode.READ, arena);
            stopping.stop();
            assertThat(view.get(ValueLayout.JAVA_BYTE, 0)).isZero();
            assertThat(Resources.named(name)).isEqualTo(new Resources(1, 1));
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
        assertThat(service.capacity()).isEqualTo(1L << 20);
        assertThat(log.lines)
                .containsExactly(
                        "error: the capacity is refused: 'much' is not a number: write decimal, 0x or 0b, with K, M"
                                + " or G for a size; the cap stays at 1048576 bytes",
                        "error: the capacity is refused: capacity=0xffffffffffffffff is above 2^63-1; the cap stays at"
                                + " 1048576 bytes");
    }

    private byte[] bytes(Memory memory) {
        try (Arena arena = Arena.ofConfined()) {
            return memory.view(0, memory.byteSize(), CpuMode.READ, arena).toArray(ValueLayout.JAVA_BYTE);
        }
    }

    private static void write(Memory memory, byte value) {
        try (Arena arena = Arena.ofConfined()) {
            memory.view(0, memory.byteSize(), CpuMode.WRITE, arena).fill(value);
        }
    }
}
