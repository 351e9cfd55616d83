// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.Quantity;
import dmabuf.api.spi.Finding;
import dmabuf.api.spi.MemoryService;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** How much a process may take: memory, open files, locked pages. */
final class LimitFindings {
    private static final String AREA = "limits";
    private static final Path LIMITS = Path.of("proc/self/limits");

    private static final Path STATUS = Path.of("proc/self/status");

    /** CAP_IPC_LOCK of include/uapi/linux/capability.h: locked memory is not counted. */
    private static final long IPC_LOCK = 1L << 14;

    /** A buffer keeps up to two files open, and each mapping one more. */
    private static final long FEW_FILES = 4096;

    private final MemoryService memory;
    private final Sysfs sysfs;

    LimitFindings(MemoryService memory, Sysfs sysfs) {
        this.memory = memory;
        this.sysfs = sysfs;
    }

    List<Finding> all() {
        long files = soft("Max open files");
        long locked = soft("Max locked memory");
        long capacity = memory.capacity();
        boolean free = mayLockAll();
        boolean enough = free || Long.compareUnsigned(locked, capacity) >= 0;
        return List.of(
                new Finding(
                        AREA, "memory", capacity > 0 ? Finding.State.OK : Finding.State.FAILED,
                        Quantity.format(memory.inUse()) + " of " + Quantity.format(capacity)
                                + " in use (capacity of dmabuf.linux)"),
                Finding.of(AREA, "open files", files >= FEW_FILES || files < 0, text(files)
                        + (files >= FEW_FILES || files < 0 ? "" : ", three for each buffer: ulimit -n 65536, LimitNOFILE= in a unit")),
                Finding.of(AREA, "locked memory", enough, (locked < 0 ? text(locked) : Quantity.format(locked))
                        + (free ? ", which does not bind this user (CAP_IPC_LOCK)" : "")
                        + (enough ? "" : ", less than the buffers, and mappings of VFIO count: ulimit -l unlimited,"
                                + " LimitMEMLOCK=infinity in a unit")));
    }

    private boolean mayLockAll() {
        return sysfs.text(STATUS).stream()
                .flatMap(String::lines)
                .filter(line -> line.matches("CapEff:\\s+[0-9a-f]{1,16}"))
                .anyMatch(line -> (Long.parseUnsignedLong(line.substring(7).strip(), 16) & IPC_LOCK) != 0);
    }

    private static String text(long limit) {
        return limit < 0 ? "unlimited" : Long.toString(limit);
    }

    /** Returns the limit that is in force; -1, the largest without a sign, where there is none. */
    private long soft(String name) {
        Optional<String> value = sysfs.text(LIMITS).stream()
                .flatMap(String::lines)
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(name.length()).strip().split("\\s+", 2)[0])
                .findFirst();
        return value.filter(word -> word.matches("\\d{1,18}")).map(Long::parseLong).orElse(-1L);
    }
}
