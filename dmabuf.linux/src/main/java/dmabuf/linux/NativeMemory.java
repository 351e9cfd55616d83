// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.CpuMode;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.ConfiguredValues;
import dmabuf.api.spi.KernelFence;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.MemorySource;
import dmabuf.api.spi.SourceState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;
import org.osgi.service.metatype.annotations.Designate;

/**
 * The memory service of Linux. Configured by the PID {@value #PID}: its one key {@code capacity} may change while
 * memory is out, and a wrong value leaves the old one in force. When the service stops, all memory that is still out is
 * closed.
 */
@Designate(ocd = LinuxConfiguration.class)
@Component(configurationPid = NativeMemory.PID)
public final class NativeMemory implements MemoryService {
    /** The PID of the configuration. */
    public static final String PID = "dmabuf.linux";

    private static final Path ROOT = Path.of("/");
    private static final String CAPACITY = "capacity";
    private static final long FALLBACK_CAPACITY = 256L << 20;
    private static final int MAX_NAME_BYTES = 249; // memfd_create(2)

    private final SystemCalls calls;
    private final long defaultCapacity;
    private final MemoryBudget budget;
    private final Lent lent;
    private final Logger logger;
    private final long pageSize;
    private final MemorySources sources;
    private final PageMap pageMap;
    private final Path root;
    private final LiveMemory live;
    private final Set<LinuxMemory> living = ConcurrentHashMap.newKeySet();
    private volatile boolean gone;

    /** Starts with a configuration; a wrong one is logged, and the default holds. */
    @Activate
    public NativeMemory(Map<String, Object> configuration, @Reference(service = LoggerFactory.class) Logger logger) {
        this(new CLibrary(), new MachineMemory(ROOT).half().orElse(FALLBACK_CAPACITY), logger);
        configure(configuration);
    }

    NativeMemory(SystemCalls calls, long defaultCapacity, Logger logger) {
        this(calls, ROOT, defaultCapacity, logger);
    }

    /** Nodes and what the kernel tells are below a root. */
    NativeMemory(SystemCalls calls, Path root, long defaultCapacity, Logger logger) {
        this.calls = calls;
        this.root = root;
        this.sources = new MemorySources(calls, root);
        this.pageMap = new PageMap(calls, root);
        this.live = new LiveMemory(new MachineMemory(root));
        this.defaultCapacity = defaultCapacity;
        this.budget = new MemoryBudget(defaultCapacity);
        this.lent = new Lent(calls, DmaBufCalls::holders, budget::give);
        this.logger = logger;
        this.pageSize = calls.pageSize();
        if (!calls.missing().isEmpty()) {
            logger.warn("the C library lacks {}: no memory can be had without; use glibc 2.27 or musl 1.1.20, or later",
                    calls.missing());
        }
    }

    /** Takes a changed configuration. */
    @Modified
    void configure(Map<String, Object> configuration) {
        try {
            ConfiguredValues values = ConfiguredValues.of(PID, Set.of(CAPACITY), configuration);
            budget.setCapacity(values.number(CAPACITY, 0, Long.MAX_VALUE).orElse(defaultCapacity));
        } catch (DmaBufException e) {
            logger.error("the capacity is refused: {}; the cap stays at {} bytes", e.getMessage(), budget.capacity());
        }
    }

    /** Closes what is still out, all of it also when one fails. */
    @Deactivate
    void stop() {
        gone = true;
        Every.step(() -> Every.of(living, LinuxMemory::close), lent::end, sources::close);
    }

    @Override
    public long pageSize() {
        return pageSize;
    }

    @Override
    public Memory memfd(long byteSize, String name) {
        return allocate(MemorySource.MEMFD, byteSize, name);
    }

    @Override
    public Memory allocate(MemorySource source, long byteSize, String name) {
        checkRequest(source, byteSize, name);
        lent.sweep();
        budget.take(byteSize);
        Backing backing;
        try {
            backing = live.within(source, byteSize, () -> sources.take(source, byteSize, name));
        } catch (RuntimeException | Error e) {
            budget.give(byteSize);
            throw e;
        }
        return living(backing, byteSize);
    }

    @Override
    public Memory pciResource(String pciAddress, int index) {
        return living(new PciResource(calls, root).open(pciAddress, index), 0);
    }

    /** Owns open files and what they count, and gives both back where the service has stopped meanwhile. */
    private Memory living(Backing backing, long counted) {
        LinuxMemory memory = new LinuxMemory(calls, backing, lent::take, ended -> ended(ended, counted));
        living.add(memory);
        if (gone) {
            memory.close();
            throw new DmaBufException(Reason.GONE, "the memory service has stopped");
        }
        return memory;
    }

    private void ended(LinuxMemory memory, long counted) {
        living.remove(memory);
        if (!memory.isCountedElsewhere()) {
            budget.give(counted);
        }
    }

    @Override
    public long unit(MemorySource source) {
        return sources.unit(source);
    }

    @Override
    public SourceState probe(MemorySource source) {
        return sources.probe(source);
    }

    @Override
    public List<String> heaps() {
        return sources.heaps();
    }

    @Override
    public Optional<List<Segment>> physical(Memory memory) {
        LinuxMemory own = own(memory);
        if (own.backing().isExporters()) {
            return Optional.empty();
        }
        Optional<List<Segment>> now = places(own);
        if (now.isEmpty() || !own.backing().isHuge()) {
            return now;
        }
        // Pages that were touched are pinned where they are; between the first look and that they may have moved.
        return own.pin(sources::pinned) ? places(own) : Optional.empty();
    }

    private Optional<List<Segment>> places(LinuxMemory memory) {
        return memory.whileMapped(address -> pageMap.physical(address, memory.byteSize()));
    }

    @Override
    public Memory join(List<Memory> parts, String name) {
        checkName(name);
        List<LinuxMemory> own = parts.stream().map(this::own).toList();
        Backing whole = new Joining(calls, sources).of(own, name);
        List<LinuxMemory> spent = own.stream().filter(LinuxMemory::spend).toList();
        long passed = spent.stream().mapToLong(LinuxMemory::byteSize).sum();
        try {
            Every.of(spent, LinuxMemory::end);
            if (passed != whole.byteSize()) {
                throw new DmaBufException(Reason.GONE, "a part was closed while it was joined");
            }
        } catch (RuntimeException | Error e) {
            budget.give(passed);
            whole.close(calls);
            throw e;
        }
        return living(whole, passed);
    }

    private LinuxMemory own(Memory memory) {
        if (memory instanceof LinuxMemory own && living.contains(own)) {
            return own;
        }
        throw new IllegalArgumentException(memory + " is not of this memory service, or closed");
    }

    @Override
    public boolean owns(Memory memory) {
        return memory instanceof LinuxMemory own && living.contains(own) && own.isOpen();
    }

    private void checkRequest(MemorySource source, long byteSize, String name) {
        long unit = unit(source);
        if (byteSize == 0 || (byteSize & (unit - 1)) != 0) {
            throw new IllegalArgumentException("size " + Long.toUnsignedString(byteSize)
                    + " is no multiple of the page size " + unit + ", or 0");
        }
        checkName(name);
    }

    private static void checkName(String name) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length > MAX_NAME_BYTES || name.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "a name has at most " + MAX_NAME_BYTES + " bytes and no NUL, not " + length + ": '" + name + "'");
        }
    }

    @Override
    public long capacity() {
        return budget.capacity();
    }

    @Override
    public Map<String, Long> lent() {
        lent.sweep();
        return lent.bytes();
    }

    @Override
    public long inUse() {
        return budget.used();
    }

    @Override
    public void closeDescriptor(int descriptor) {
        calls.close(descriptor);
    }

    @Override
    public KernelFence openSyncFile(int descriptor) {
        return SyncFileFence.of(calls, descriptor);
    }

    @Override
    public void copy(Memory from, Memory to) {
        if (to.byteSize() < from.byteSize()) {
            throw new IllegalArgumentException(
                    "memory of " + from.byteSize() + " bytes does not fit into one of " + to.byteSize());
        }
        accessed(from, CpuMode.READ, source -> accessed(to, CpuMode.WRITE, target -> Bytes.copy(source, target)));
    }

    @Override
    public void zero(Memory memory) {
        if (!(memory instanceof LinuxMemory own)) {
            throw new IllegalArgumentException(memory + " is not of this memory service");
        }
        own.beginCpuAccess(CpuMode.WRITE);
        try {
            own.zero();
        } finally {
            own.endCpuAccess(CpuMode.WRITE);
        }
    }

    /** Does something with all bytes, between the beginning and the end of a CPU access. */
    private static void accessed(Memory memory, CpuMode mode, Consumer<MemorySegment> action) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment view = memory.view(0, memory.byteSize(), mode, arena);
            memory.beginCpuAccess(mode);
            try {
                action.accept(view);
            } finally {
                memory.endCpuAccess(mode);
            }
        }
    }
}
