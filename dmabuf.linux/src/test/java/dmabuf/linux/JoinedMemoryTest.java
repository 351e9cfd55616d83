// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dmabuf.api.CpuMode;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemorySource;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Memory of several files, and of huge pages, as one. */
class JoinedMemoryTest extends SourceStage {
    @Test
    void joinsInTheOrderAsked() {
        NativeMemory service = service(real);
        Memory first = filled(service, 2 * page, (byte) 1);
        Memory second = filled(service, page, (byte) 2);
        Memory whole = service.join(List.of(second, first), name);
        assertThat(service.owns(first)).isFalse();
        assertThat(service.inUse()).isEqualTo(whole.byteSize()).isEqualTo(3 * page);
        first.close();
        assertThat(service.inUse()).isEqualTo(3 * page);
        try (Arena arena = Arena.ofConfined()) {
            byte[] bytes = whole.view(0, 3 * page, CpuMode.READ, arena).toArray(ValueLayout.JAVA_BYTE);
            assertThat(List.of(bytes[0], bytes[(int) page - 1], bytes[(int) page], bytes[(int) (3 * page) - 1]))
                    .containsExactly((byte) 2, (byte) 2, (byte) 1, (byte) 1);
            refused(
                    Reason.ACCESS,
                    "memory of 2 files has no descriptor: only dma-bufs are joined to one",
                    whole::duplicateDescriptor);
            whole.close();
        }
        assertThat(service.inUse()).isZero();
    }

    /** Huge pages are mapped at multiples of their size only. */
    @Test
    void theWholeIsMappedAsItsPiecesWantIt() {
        NativeMemory service = service(real);
        long piece = 1L << 20;
        Memory whole = service.join(
                List.of(filled(service, piece, (byte) 1), filled(service, piece, (byte) 2), filled(service, piece, (byte) 3)),
                name);
        try (Arena arena = Arena.ofConfined()) {
            assertThat(whole.view(0, 1, CpuMode.READ, arena).address() % piece).isZero();
            whole.close();
        }
    }

    @Test
    void aViewOfTheWholeDiesSafely() {
        NativeMemory service = service(real);
        Memory whole = service.join(List.of(filled(service, page, (byte) 1), filled(service, page, (byte) 2)), name);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment view = whole.view(0, 2 * page, CpuMode.READ_WRITE, arena);
            whole.close();
            assertThat(view.get(ValueLayout.JAVA_BYTE, page)).isZero();
            view.fill((byte) 1);
        }
    }

    @Test
    void whatCannotBeJoinedStaysAsItIs() throws IOException {
        devices();
        NativeMemory service = service(new FailingCalls(0, 0));
        Memory file = service.memfd(page, name);
        Memory heap = service.allocate(SYSTEM, page, name);
        refused(
                Reason.ACCESS,
                "memory of heap:system cannot be joined: only memfds and huge pages can",
                () -> service.join(List.of(file, heap), name));
        assertThatIllegalArgumentException().isThrownBy(() -> service.join(List.of(file, file), name));
        assertThatIllegalArgumentException().isThrownBy(() -> service.join(List.of(), name));
        assertThat(service.owns(file)).isTrue();
        file.close();
        heap.close();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> service.join(List.of(file), name))
                .withMessage("memfd of " + page + " bytes is not of this memory service, or closed");
        assertThat(service.inUse()).isZero();
    }

    @Test
    void whatUdmabufDoesNotTakeTogetherStaysApart() throws IOException {
        devices();
        NativeMemory service = service(new FailingCalls(0, 0));
        List<Memory> parts = List.of(
                service.allocate(MemorySource.UDMABUF, 1L << 19, name), service.allocate(MemorySource.UDMABUF, 1L << 20, name));
        Path limit = Files.createDirectories(root.resolve("sys/module/udmabuf/parameters")).resolve("size_limit_mb");
        Files.writeString(limit, "1\n");
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> service.join(parts, name))
                .withMessageContaining("a dma-buf of 1536K is more than it takes, 1M");
        assertThat(parts).allMatch(service::owns);
        Files.delete(limit);
        try (Memory whole = service.join(parts, name)) {
            assertThat(whole.source()).isEqualTo("udmabuf");
        }
        assertThat(service.inUse()).isZero();
    }

    /** Linux 6.12 loses what some drivers write into huge pages; so a dma-buf of them must be asked for by name. */
    @Test
    void hugePagesAreADmaBufOnlyWhenAsked() throws IOException {
        devices();
        meminfo("HugePages_Total: 4\nHugePages_Free: 4\nHugePages_Rsvd: 0\nHugepagesize: 64 kB\n");
        NativeMemory service = service(new FailingCalls(0, 0));
        Memory first = service.allocate(MemorySource.HUGE_PAGES, 1L << 17, name);
        Memory second = service.allocate(MemorySource.HUGE_UDMABUF, 1L << 16, name);
        Memory third = service.allocate(MemorySource.HUGE_UDMABUF, 1L << 16, name);
        assertThat(List.of(first.source(), second.source())).containsExactly("hugepages", "hugepages+udmabuf");
        assertThat(List.of(first.isDmaBuf(), second.isDmaBuf())).containsExactly(false, true);
        Memory whole = service.join(List.of(second, third), name);
        assertThat(whole.source()).isEqualTo("hugepages+udmabuf");
        assertThat(Resources.named(DeviceDouble.NAME).descriptors()).isEqualTo(1);
        try (Memory mixed = service.join(List.of(first, whole), name)) {
            assertThat(mixed.source()).isEqualTo("hugepages");
            assertThat(mixed.isDmaBuf()).isFalse();
            assertThat(Resources.named(DeviceDouble.NAME).descriptors())
                    .as("one for each of its two files keeps the pages where they were")
                    .isEqualTo(2);
        }
    }

    /** The kernel moves huge pages as it moves others; mlock(2) does not keep them. */
    @Test
    void hugePagesHaveAddressesOnlyWhileADmaBufKeepsThemThere() throws IOException {
        meminfo("HugePages_Total: 4\nHugePages_Free: 4\nHugePages_Rsvd: 0\nHugepagesize: 64 kB\n");
        NativeMemory service = service(new FailingCalls(0, 0));
        Memory first = service.allocate(MemorySource.HUGE_PAGES, 1L << 16, name);
        plant(first, 64);
        assertThat(service.physical(first)).isEmpty();
        devices();
        assertThat(service.physical(first)).contains(List.of(new Segment(64 * page, 1L << 16)));
        assertThat(service.physical(first)).isPresent();
        assertThat(pins()).isEqualTo(1);
        assertThat(first.isDmaBuf()).isFalse();
        int offered = first.duplicateDescriptor();
        assertThat(pins()).as("what is given to others is the file").isEqualTo(1);
        service.closeDescriptor(offered);
        Memory second = service.allocate(MemorySource.HUGE_PAGES, 6L << 20, name);
        plant(second, 128);
        assertThat(service.physical(second)).isPresent();
        assertThat(pins()).as("one more for each 4M").isEqualTo(3);
        Memory third = service.allocate(MemorySource.HUGE_PAGES, 1L << 16, name);
        Memory whole = service.join(List.of(second, first, third), name);
        assertThat(pins()).as("those who know the addresses go on being right").isEqualTo(3);
        plant(whole, 64);
        assertThat(service.physical(whole)).isPresent();
        assertThat(pins()).isEqualTo(4);
        whole.close();
        assertThat(service.inUse()).isZero();
    }

    private static long pins() {
        return Resources.named(DeviceDouble.NAME).descriptors();
    }

    private Memory filled(NativeMemory service, long byteSize, byte value) {
        Memory memory = service.memfd(byteSize, name);
        try (Arena arena = Arena.ofConfined()) {
            memory.view(0, byteSize, CpuMode.WRITE, arena).fill(value);
        }
        return memory;
    }
}
