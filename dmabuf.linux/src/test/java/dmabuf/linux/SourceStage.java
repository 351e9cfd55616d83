// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dmabuf.api.CpuMode;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemorySource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/** Sources below a root of our own, where plain files stand for the nodes; the kernel's own are tried in the lab. */
abstract class SourceStage {
    static final long CAPACITY = 64L << 20;
    static final MemorySource SYSTEM = MemorySource.heap("system");

    final RecordedLog log = new RecordedLog();
    final CLibrary real = new CLibrary();
    final long page = real.pageSize();
    private final List<NativeMemory> services = new ArrayList<>();
    String name;

    @TempDir
    Path root;

    @BeforeEach
    void named(TestInfo info) {
        name = info.getTestMethod().orElseThrow().getName();
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        services.forEach(NativeMemory::stop);
        assertThat(descriptorsOf(root)).as("nodes that are open").isZero();
        assertThat(Resources.named(name)).isEqualTo(Resources.NONE);
        assertThat(Resources.named(DeviceDouble.NAME)).isEqualTo(Resources.NONE);
    }

    /** Lets the page map say that memory lies at frames from this one on. */
    void plant(Memory memory, long frame) throws IOException {
        Path map = Files.createDirectories(root.resolve("proc/self")).resolve("pagemap");
        ByteBuffer entries = ByteBuffer.allocate((int) (memory.byteSize() / page) * Long.BYTES).order(ByteOrder.nativeOrder());
        while (entries.hasRemaining()) {
            entries.putLong(1L << 63 | (frame + entries.position() / Long.BYTES));
        }
        try (Arena arena = Arena.ofConfined();
                FileChannel file = FileChannel.open(map, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            long address = memory.view(0, 1, CpuMode.READ, arena).address();
            file.write(entries.flip(), address / page * Long.BYTES);
        }
    }

    NativeMemory service(SystemCalls calls) {
        NativeMemory service = new NativeMemory(calls, root, CAPACITY, log.logger());
        services.add(service);
        return service;
    }

    static String text(NativeMemory service, MemorySource source) {
        return service.probe(source).text();
    }

    void devices() throws IOException {
        node("dev/dma_heap/system");
        node("dev/udmabuf");
    }

    Path node(String path) throws IOException {
        Path node = root.resolve(path);
        Files.createDirectories(node.getParent());
        return Files.createFile(node);
    }

    void meminfo(String text) throws IOException {
        Files.writeString(Files.createDirectories(root.resolve("proc")).resolve("meminfo"), text);
    }

    static void refused(
            Reason reason, String message, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(call)
                .withMessage(message)
                .extracting(DmaBufException::reason)
                .isEqualTo(reason);
    }

    static long descriptorsOf(Path file) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(each -> leadsTo(each, file)).count();
        }
    }

    static boolean leadsTo(Path descriptor, Path file) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith(file.toString());
        } catch (IOException closedMeanwhile) {
            return false;
        }
    }
}
