// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dmabuf.api.Segment;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemorySource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PageMapTest {
    private static final long PRESENT = 1L << 63;
    private static final long SOFT_DIRTY = 1L << 55;

    private final CLibrary calls = new CLibrary();
    private final long page = calls.pageSize();
    private final NativeMemory service = new NativeMemory(calls, 64L << 20, new RecordedLog().logger());

    /** What was locked while the memory of the last question was still mapped. */
    private String lockedAfterwards = "";

    @TempDir
    Path root;

    @Test
    void joinsPagesThatFollowEachOther() throws IOException {
        assertThat(physical(PRESENT | 16, PRESENT | SOFT_DIRTY | 17, PRESENT | 3, PRESENT | 2))
                .contains(List.of(
                        new Segment(16 * page, 2 * page), new Segment(3 * page, page), new Segment(2 * page, page)));
    }

    @Test
    void isEmptyForWhoMayNotKnow() throws IOException {
        String before = locked();
        assertThat(physical(PRESENT, PRESENT)).isEmpty();
        assertThat(lockedAfterwards).isEqualTo(before);
        assertThat(physical(PRESENT | 1, PRESENT | 2)).isPresent();
        assertThat(lockedAfterwards).isNotEqualTo(before);
    }

    @Test
    void nothingStaysLockedWhereThePageMapCannotBeRead() throws IOException {
        Files.createDirectories(root.resolve("proc/self/pagemap")); // A folder opens, and does not read.
        String before = locked();
        int file = calls.memfdCreate("unread");
        calls.ftruncate(file, page);
        long address = calls.mmap(file, page);
        try {
            assertThat(new PageMap(calls, root).physical(address, page)).isEmpty();
            assertThat(locked()).isEqualTo(before);
        } finally {
            calls.munmap(address, page);
            calls.close(file);
        }
    }

    /** What is kept in RAM counts against the limit that mapping for devices needs: proc_pid_status(5). */
    private static String locked() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("VmLck:"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void isEmptyWhereAPageIsNotThere() throws IOException {
        assertThat(physical(PRESENT | 16, 0)).isEmpty();
        assertThat(new PageMap(calls, root.resolve("absent")).physical(0, page)).isEmpty();
    }

    @Test
    void tellsTheRealPagesToTheAdministrator() {
        try (Memory memory = service.memfd(64 * page, "physical")) {
            Optional<List<Segment>> pages = service.physical(memory);
            if (pages.isEmpty()) {
                System.out.println("Skipped: /proc/self/pagemap tells this user no frames (CAP_SYS_ADMIN)");
            }
            assumeTrue(pages.isPresent());
            assertThat(pages.orElseThrow().stream().mapToLong(Segment::byteSize).sum()).isEqualTo(64 * page);
            assertThat(service.physical(memory)).isEqualTo(pages);
        }
    }

    @Test
    void hugePagesAreContiguousAndTakenForTheLifeOfTheirMemory() throws IOException {
        if (!service.probe(MemorySource.HUGE_PAGES).isUsable()) {
            System.out.println("Skipped: " + service.probe(MemorySource.HUGE_PAGES).text());
        }
        assumeTrue(service.probe(MemorySource.HUGE_PAGES).isUsable());
        long huge = service.unit(MemorySource.HUGE_PAGES);
        String before = free();
        try (Memory memory = service.allocate(MemorySource.HUGE_PAGES, huge, "huge")) {
            assertThat(free()).isNotEqualTo(before);
            service.physical(memory)
                    .ifPresent(pages -> assertThat(pages).singleElement().matches(one -> one.byteSize() == huge));
            service.zero(memory);
        }
        assertThat(free()).isEqualTo(before);
    }

    private static String free() throws IOException {
        return Files.readAllLines(Path.of("/proc/meminfo")).stream()
                .filter(line -> line.startsWith("HugePages_Free") || line.startsWith("HugePages_Rsvd"))
                .toList()
                .toString();
    }

    /** What is read of a planted pagemap, which has these entries where those of some real memory would be. */
    private Optional<List<Segment>> physical(long... entries) throws IOException {
        long byteSize = entries.length * page;
        int file = calls.memfdCreate("planted");
        calls.ftruncate(file, byteSize);
        long address = calls.mmap(file, byteSize);
        try {
            plant(address / page, entries);
            Optional<List<Segment>> found = new PageMap(calls, root).physical(address, byteSize);
            lockedAfterwards = locked();
            return found;
        } finally {
            calls.munmap(address, byteSize);
            calls.close(file);
        }
    }

    private void plant(long first, long... entries) throws IOException {
        Path map = Files.createDirectories(root.resolve("proc/self")).resolve("pagemap");
        ByteBuffer bytes = ByteBuffer.allocate(entries.length * Long.BYTES).order(ByteOrder.nativeOrder());
        bytes.asLongBuffer().put(entries);
        try (FileChannel file = FileChannel.open(map, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.write(bytes, first * Long.BYTES);
        }
    }
}
