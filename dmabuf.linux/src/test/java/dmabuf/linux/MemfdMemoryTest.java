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
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

class MemfdMemoryTest {
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
    void nothingLeaksOverAThousandLives() {
        for (int i = 0; i < 1_000; i++) {
            try (Memory memory = service.memfd(page, name)) {
                write(memory, (byte) i);
            }
        }
    }

    @Test
    void descriptorsAreClosedInChildProcesses() throws IOException {
        try (Memory memory = service.memfd(page, name)) {
            int descriptor = memory.duplicateDescriptor();
            try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
                List<Path> ours = open.filter(fd -> leadsTo(fd, "/memfd:" + name)).toList();
                assertThat(ours).hasSize(2).allSatisfy(fd -> assertThat(closesOnExec(fd)).isTrue());
            }
            service.closeDescriptor(descriptor);
        }
    }

    private static boolean leadsTo(Path descriptor, String file) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith(file + " ");
        } catch (IOException e) {
            return false;
        }
    }

    /** O_CLOEXEC is octal 02000000: proc_pid_fdinfo(5). */
    private static boolean closesOnExec(Path descriptor) throws IOException {
        return Files.readAllLines(Path.of("/proc/self/fdinfo", descriptor.getFileName().toString())).stream()
                .filter(line -> line.startsWith("flags:"))
                .map(line -> Long.parseLong(line.substring(6).strip(), 8))
                .anyMatch(flags -> (flags & 02000000) != 0);
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
