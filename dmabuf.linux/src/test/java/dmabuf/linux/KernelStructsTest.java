// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Our structures, requests and flags beside those of the kernel's headers on this machine, which a small C program
 * prints. Without a compiler that is said, and skipped; what the headers are too old to know is said, too.
 */
class KernelStructsTest {
    private static final Path PROGRAM = Path.of("src/test/c/structs.c");

    /** What a header that is not there would have told. */
    private static final Map<String, String> UNKNOWN = Map.of(
            "linux/dma-heap.h", "dma_heap|DMA_HEAP",
            "linux/dma-buf.h", "dma_buf|DMA_BUF",
            "linux/dma-buf.h of Linux 6.0", "dma_buf_(ex|im)port|DMA_BUF_IOCTL_(EX|IM)PORT",
            "linux/sync_file.h", "sync_file|SYNC_IOC",
            "linux/udmabuf.h", "udmabuf|UDMABUF",
            "linux/vfio.h", "vfio|VFIO",
            "linux/vfio.h of Linux 6.6", "vfio_device|VFIO_DEVICE",
            "linux/iommufd.h", "iommu_i|IOMMU_I");

    @TempDir
    Path folder;

    @Test
    void areThoseOfTheKernelsHeaders() throws Exception {
        List<String> theirs = compiled(Files.readString(PROGRAM));
        Set<String> absent = theirs.stream()
                .filter(line -> line.startsWith("absent "))
                .map(line -> line.substring(7))
                .collect(Collectors.toSet());
        Set<String> known = new TreeSet<>(ours());
        absent.forEach(header -> known.removeIf(fact -> fact.matches("\\w+ (" + UNKNOWN.get(header) + ").*")));
        System.out.println("Compared with the kernel's headers: " + known.size() + " of " + ours().size() + " facts"
                + (absent.isEmpty() ? "" : "; absent: " + String.join(", ", new TreeSet<>(absent))));
        assertThat(new TreeSet<>(theirs.stream().filter(line -> !line.startsWith("absent ")).toList()))
                .isEqualTo(known)
                .isNotEmpty();
    }

    /** The guard of this class: a field that moved, a size or a request that changed is seen. */
    @Test
    void aPlantedDifferenceIsSeen() throws Exception {
        String program = Files.readString(PROGRAM);
        List<String> right = compiled(program);
        List<String> moved = compiled(program.replace(
                "static void heap(void)\n{",
                """
                struct moved { __u64 len; __u32 fd_flags; __u32 fd; __u64 heap_flags; __u64 more; };
                #define dma_heap_allocation_data moved
                static void heap(void)
                {"""));
        assumeTrue(right.contains("size dma_heap_allocation_data 24"), "linux/dma-heap.h is absent");
        assertThat(ours()).containsAll(right.stream().filter(line -> line.contains("HEAP")).toList());
        assertThat(moved.stream().filter(line -> !ours().contains(line) && !line.startsWith("absent")))
                .anyMatch(line -> line.matches("field .*fd 12 4"))
                .anyMatch(line -> line.matches("size .* 32"));
    }

    @Test
    void aFieldIsFoundByItsNameOnly() {
        try (Arena arena = Arena.ofConfined()) {
            Struct.Value value = KernelStructs.VFIO_CAP_HEADER.in(arena).with("id", 0xfffe).with("next", -1);
            assertThat(List.of(value.get("id"), value.get("version"), value.get("next")))
                    .containsExactly(0xfffeL, 0L, 0xffffffffL);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> value.get("last"))
                    .withMessage("vfio_info_cap_header has no field last, but [id, version, next]");
        }
    }

    private static Set<String> ours() {
        return Stream.of(
                        KernelStructs.all().stream().flatMap(KernelStructsTest::facts),
                        Arrays.stream(Ioctl.values())
                                .map(request -> "request " + request + " 0x" + Long.toHexString(request.number())),
                        Arrays.stream(KernelStructs.class.getDeclaredFields())
                                .filter(field -> field.getType() == long.class)
                                .map(field -> "flag " + field.getName() + " " + value(field)))
                .flatMap(facts -> facts)
                .collect(Collectors.toSet());
    }

    private static Stream<String> facts(Struct struct) {
        List<String> facts = new ArrayList<>(List.of("size " + struct.name() + " " + struct.byteSize()));
        struct.fields()
                .forEach((name, field) -> facts.add("field " + struct.name() + "." + name + " " + field.offset() + " "
                        + field.byteSize()));
        return facts.stream();
    }

    private static long value(Field flag) {
        try {
            return flag.getLong(null);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }

    private List<String> compiled(String program) throws IOException, InterruptedException {
        Optional<Path> compiler = compiler();
        if (compiler.isEmpty()) {
            System.out.println("Skipped: no cc or gcc on the PATH, nothing was compared with the kernel's headers");
        }
        assumeTrue(compiler.isPresent(), "no C compiler");
        Path source = Files.writeString(folder.resolve("structs.c"), program);
        Path binary = folder.resolve("structs");
        run(compiler.orElseThrow().toString(), "-o", binary.toString(), source.toString());
        return run(binary.toString());
    }

    private static Optional<Path> compiler() {
        return Stream.of("cc", "gcc")
                .flatMap(name -> Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                        .map(folder -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private List<String> run(String... command) throws IOException, InterruptedException {
        Path output = folder.resolve("output");
        int status = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start()
                .waitFor();
        assertThat(status).as(Files.readString(output)).isZero();
        return Files.readAllLines(output);
    }
}
