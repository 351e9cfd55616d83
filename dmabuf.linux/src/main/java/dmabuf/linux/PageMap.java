// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.DmaBufException;
import dmabuf.api.Segment;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The physical pages behind addresses of this process, as /proc/self/pagemap tells those with CAP_SYS_ADMIN: one number
 * of 64 bits for each page, bit 63 for present, bits 0 to 54 for the frame (Documentation/admin-guide/mm/pagemap.rst).
 */
final class PageMap {
    private static final long PRESENT = 1L << 63;
    private static final long FRAME = (1L << 55) - 1;
    private static final int PAGES_AT_ONCE = 8192;

    private final SystemCalls calls;
    private final Path file;

    PageMap(SystemCalls calls, Path root) {
        this.calls = calls;
        this.file = root.resolve("proc/self/pagemap");
    }

    /**
     * Brings all pages in, keeps them there and returns where they are, joined where they follow each other; empty where
     * that is not allowed.
     */
    Optional<List<Segment>> physical(long address, long byteSize) {
        try (FileChannel pages = FileChannel.open(file)) {
            return locked(pages, address, byteSize);
        } catch (IOException | DmaBufException e) {
            return Optional.empty();
        }
    }

    private Optional<List<Segment>> locked(FileChannel pages, long address, long byteSize) throws IOException {
        calls.mlock(address, byteSize);
        boolean kept = false;
        try {
            Optional<List<Segment>> found = read(pages, address / calls.pageSize(), byteSize / calls.pageSize());
            kept = found.isPresent();
            return found;
        } finally {
            if (!kept) {
                calls.munlock(address, byteSize); // It counts against 'ulimit -l', which mapping for devices needs.
            }
        }
    }

    private Optional<List<Segment>> read(FileChannel pages, long first, long count) throws IOException {
        List<Segment> joined = new ArrayList<>();
        for (long done = 0; done < count; done += PAGES_AT_ONCE) {
            ByteBuffer some = ByteBuffer.allocate((int) Math.min(PAGES_AT_ONCE, count - done) * Long.BYTES)
                    .order(ByteOrder.nativeOrder());
            while (some.hasRemaining()) {
                if (pages.read(some, (first + done) * Long.BYTES + some.position()) < 0) {
                    return Optional.empty();
                }
            }
            some.flip();
            while (some.hasRemaining()) {
                long entry = some.getLong();
                if ((entry & PRESENT) == 0 || (entry & FRAME) == 0) {
                    return Optional.empty();
                }
                join(joined, (entry & FRAME) * calls.pageSize());
            }
        }
        return Optional.of(List.copyOf(joined));
    }

    private void join(List<Segment> joined, long page) {
        if (!joined.isEmpty() && joined.getLast().end() == page) {
            Segment last = joined.removeLast();
            joined.add(new Segment(last.address(), last.byteSize() + calls.pageSize()));
        } else {
            joined.add(new Segment(page, calls.pageSize()));
        }
    }
}
