// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.sun.management.HotSpotDiagnosticMXBean;
import dmabuf.api.CpuMode;
import dmabuf.api.spi.Memory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Memory that is closed while views of it are open: it is back at once, and nobody falls into a hole. */
@Timeout(120)
class LeftViewsTest {
    private final NativeMemory service = new NativeMemory(new CLibrary(), 64L << 20, new RecordedLog().logger());
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
    void theMemoryIsBackAtOnceAndItsViewsShowZeroes() {
        Memory memory = service.memfd(2 * page, name);
        try (Arena shared = Arena.ofShared(); Arena confined = Arena.ofConfined()) {
            MemorySegment early = memory.view(0, 2 * page, CpuMode.READ_WRITE, shared);
            MemorySegment late = memory.view(page, page, CpuMode.READ_WRITE, confined);
            early.fill((byte) 5);
            memory.close();
            memory.close();
            assertThat(Resources.named(name)).isEqualTo(Resources.NONE);
            assertThat(service.inUse()).isZero();
            assertThat(late.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
            late.fill((byte) 6);
            assertThat(early.get(ValueLayout.JAVA_BYTE, page)).isEqualTo((byte) 6);
            assertThat(isMapped(early.address())).isTrue();
        }
    }

    @Test
    void theAddressesAreBackAfterTheLastView() {
        Memory memory = service.memfd(page, name);
        Arena first = Arena.ofShared();
        Arena second = Arena.ofConfined();
        long address = memory.view(0, page, CpuMode.READ, first).address();
        memory.view(0, page, CpuMode.READ, second);
        memory.close();
        first.close();
        assertThat(isMapped(address)).isTrue();
        second.close();
        assertThat(isMapped(address)).isFalse();
    }

    @Test
    void theAddressesAreBackWhenTheThreadThatNeverClosedIsDead() throws InterruptedException {
        Memory memory = service.memfd(page, name);
        AtomicLong address = new AtomicLong();
        CountDownLatch looking = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        Thread careless = Thread.ofPlatform().start(() -> {
            MemorySegment view = memory.view(0, page, CpuMode.WRITE, Arena.ofConfined());
            address.set(view.address());
            looking.countDown();
            awaitLatch(closed);
            view.fill((byte) 1);
        });
        looking.await();
        memory.close();
        assertThat(isMapped(address.get())).isTrue();
        closed.countDown();
        careless.join();
        await().until(() -> !isMapped(address.get()));
    }

    /** This thread lives on, as a thread of a pool does. */
    @Test
    void nobodyWaitsForTheThreadOfAViewThatHasEnded(@TempDir Path folder) throws IOException {
        Memory memory = service.memfd(page, name);
        try (Arena arena = Arena.ofConfined()) {
            memory.view(0, page, CpuMode.READ, arena);
            memory.close();
            assertThat(watchers(folder)).isNotEmpty();
        }
        await().untilAsserted(() -> assertThat(watchers(folder)).isEmpty());
    }

    /** Virtual threads are in a dump only. */
    private static List<String> watchers(Path folder) throws IOException {
        Path dump = folder.resolve(UUID.randomUUID() + ".txt");
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .dumpThreads(dump.toString(), HotSpotDiagnosticMXBean.ThreadDumpFormat.TEXT_PLAIN);
        try (var lines = Files.lines(dump)) {
            return lines.filter(line -> line.contains("\"dmabuf-view\"")).toList();
        }
    }

    @Test
    void whatIsWrittenAfterwardsReachesNobodyWhoHoldsTheFile() throws IOException {
        Memory memory = service.memfd(page, name);
        int outside = memory.duplicateDescriptor();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment view = memory.view(0, page, CpuMode.READ_WRITE, arena);
            view.fill((byte) 3);
            memory.close();
            view.fill((byte) 4);
        }
        try (FileChannel file = FileChannel.open(Path.of("/proc/self/fd/" + outside))) {
            ByteBuffer bytes = ByteBuffer.allocate((int) page);
            file.read(bytes, 0);
            assertThat(bytes.array()).containsOnly(3);
        }
        service.closeDescriptor(outside);
    }

    /** A reader and a writer at full speed while their memory goes, again and again: neither faults. */
    @Test
    void nobodyInsideFallsIntoAHole() throws InterruptedException {
        for (int round = 0; round < 200; round++) {
            Memory memory = service.memfd(16 * page, name);
            AtomicBoolean over = new AtomicBoolean();
            CountDownLatch inside = new CountDownLatch(2);
            List<Thread> threads = new ArrayList<>();
            for (CpuMode mode : List.of(CpuMode.READ, CpuMode.WRITE)) {
                threads.add(Thread.ofPlatform().start(() -> use(memory, mode, inside, over)));
            }
            inside.await();
            memory.close();
            over.set(true);
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }

    private void use(Memory memory, CpuMode mode, CountDownLatch inside, AtomicBoolean over) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment view = memory.view(0, 16 * page, mode, arena);
            long sum = 0;
            boolean entered = false;
            do {
                for (long at = 0; at < view.byteSize(); at += 512) {
                    if (mode.writes()) view.set(ValueLayout.JAVA_BYTE, at, (byte) 7);
                    else sum += view.get(ValueLayout.JAVA_BYTE, at);
                }
                if (!entered) inside.countDown();
                entered = true;
            } while (!over.get());
            assertThat(sum).isNotNegative();
        }
    }

    /** The guard of this class: a runtime that unmaps instead does not survive its readers. */
    @Test
    void unmappingUnderAReaderKills(@TempDir Path folder) throws Exception {
        assertThat(childWith("exchange", folder)).isZero();
        assertThat(childWith("unmap", folder)).isNotZero();
        assertThat(folder.resolve("unmap")).content().contains("SIGSEGV");
    }

    private static int childWith(String how, Path folder) throws Exception {
        return new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp", System.getProperty("java.class.path"),
                        "--enable-native-access=ALL-UNNAMED", "-XX:-CreateCoredumpOnCrash",
                        ClosesUnderAReader.class.getName(), how)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(how).toFile())
                .start()
                .waitFor();
    }

    /** Where the kernel refuses the exchange the memory stays until the last view ended, and no longer. */
    @Test
    void withoutPagesToExchangeItStaysUntilTheLastView() {
        NativeMemory poor = new NativeMemory(
                new FailingCalls(5, Errno.ENOMEM.number()), 64L << 20, new RecordedLog().logger());
        Memory memory = poor.memfd(page, name);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment view = memory.view(0, page, CpuMode.READ_WRITE, arena);
            view.fill((byte) 8);
            memory.close();
            assertThat(view.toArray(ValueLayout.JAVA_BYTE)).containsOnly(8);
            assertThat(Resources.named(name)).isEqualTo(new Resources(1, 1));
            assertThat(poor.inUse()).isEqualTo(page);
        }
        assertThat(poor.inUse()).isZero();
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isMapped(long address) {
        try (var maps = Files.lines(Path.of("/proc/self/maps"))) {
            return maps.map(line -> line.substring(0, line.indexOf(' ')).split("-"))
                    .anyMatch(range -> Long.parseUnsignedLong(range[0], 16) <= address
                            && address < Long.parseUnsignedLong(range[1], 16));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
