// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.DmaBufException;
import dmabuf.api.spi.Finding;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.MemorySource;
import dmabuf.api.spi.SourceState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Where memory can come from, and whether anybody may know where it lies. */
final class MemoryFindings {
    private static final String AREA = "memory";
    private static final String SYSTEM = "system";
    /** The name under which Linux 6.12 shows the default area of contiguous memory as a heap. */
    private static final String CONTIGUOUS = "reserved";
    private static final Path UDMABUF = Path.of("sys/module/udmabuf/parameters");

    private final MemoryService memory;
    private final Sysfs sysfs;

    MemoryFindings(MemoryService memory, Sysfs sysfs) {
        this.memory = memory;
        this.sysfs = sysfs;
    }

    List<Finding> all() {
        List<String> heaps = memory.heaps();
        List<Finding> findings = new ArrayList<>();
        Stream.concat(heaps.contains(SYSTEM) ? Stream.empty() : Stream.of(SYSTEM), heaps.stream())
                .forEach(name -> findings.add(source(MemorySource.heap(name), "")));
        if (heaps.stream().allMatch(SYSTEM::equals)) {
            findings.add(source(MemorySource.heap(CONTIGUOUS), ""));
        }
        findings.add(source(MemorySource.UDMABUF, udmabufLimits()));
        findings.add(source(MemorySource.HUGE_PAGES, ""));
        findings.addAll(memfd());
        return findings;
    }

    private Finding source(MemorySource source, String more) {
        SourceState state = memory.probe(source);
        return Finding.of(AREA, source.toString(), state.isUsable(), state.text() + (state.isUsable() ? more : ""));
    }

    private String udmabufLimits() {
        Optional<String> size = sysfs.text(UDMABUF.resolve("size_limit_mb"));
        Optional<String> pieces = sysfs.text(UDMABUF.resolve("list_limit"));
        return size.isPresent() && pieces.isPresent()
                ? "; of at most " + size.get() + "M, in at most " + pieces.get() + " pieces (module parameters)"
                : "";
    }

    /** Plain memory is what everything falls back to: without it nothing works. */
    private List<Finding> memfd() {
        try (Memory page = memory.memfd(memory.pageSize(), "doctor")) {
            boolean known = memory.physical(page).isPresent();
            return List.of(
                    source(MemorySource.MEMFD, ""),
                    Finding.of(AREA, "addresses", known, known
                            ? "/proc/self/pagemap tells where pages lie"
                            : "/proc/self/pagemap tells nothing: the capability CAP_SYS_ADMIN, or run as root"));
        } catch (DmaBufException e) {
            return List.of(new Finding(AREA, MemorySource.MEMFD.toString(), Finding.State.FAILED, e.explanation().text()));
        }
    }
}
