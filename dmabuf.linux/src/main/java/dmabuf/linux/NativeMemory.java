// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.CpuMode;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.ConfiguredValues;
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

    private static final String CAPACITY = "capacity";
    private static final long FALLBACK_CAPACITY = 256L << 20;
    private static final int MAX_NAME_BYTES = 249; // memfd_create(2)

    private final SystemCalls calls;
    private final long defaultCapacity;
    private final MemoryBudget budget;
    private final Logger logger;
    private final long pageSize;
    private final Set<MemfdMemory> living = ConcurrentHashMap.newKeySet();
    private volatile boolean gone;

    /** Starts with a configuration; a wrong one is logged, and the default holds. */
    @Activate
    public NativeMemory(Map<String, Object> configuration, @Reference(service = LoggerFactory.class) Logger logger) {
        this(new CLibrary(), new MachineMemory(Path.of("/")).half().orElse(FALLBACK_CAPACITY), logger);
        configure(configuration);
    }

    NativeMemory(SystemCalls calls, long defaultCapacity, Logger logger) {
        this.calls = calls;
        this.defaultCapacity = defaultCapacity;
        this.budget = new MemoryBudget(defaultCapacity);
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

    /** Closes what is still out. */
    @Deactivate
    void stop() {
        gone = true;
        living.forEach(MemfdMemory::close);
    }

    @Override
    public long pageSize() {
        return pageSize;
    }

    @Override
    public Memory memfd(long byteSize, String name) {
        checkRequest(byteSize, name);
        budget.take(byteSize);
        MemfdMemory memory;
        try {
            memory = MemfdMemory.create(calls, byteSize, name, this::ended);
        } catch (RuntimeException | Error e) {
            budget.give(byteSize);
            throw e;
        }
        living.add(memory);
        if (gone) {
            memory.close();
            throw new DmaBufException(Reason.GONE, "the memory service has stopped");
        }
        return memory;
    }

    @Override
    public Memory allocate(MemorySource source, long byteSize, String name) {
        if (!source.equals(MemorySource.MEMFD)) {
            throw new DmaBufException(Reason.ACCESS, probe(source).text());
        }
        return memfd(byteSize, name);
    }

    @Override
    public long unit(MemorySource source) {
        return pageSize;
    }

    @Override
    public SourceState probe(MemorySource source) {
        boolean usable = source.equals(MemorySource.MEMFD);
        return new SourceState(source.toString(), usable, usable ? "anonymous pages" : source + " is not offered yet");
    }

    @Override
    public List<String> heaps() {
        return List.of();
    }

    @Override
    public Optional<List<Segment>> physical(Memory memory) {
        return Optional.empty();
    }

    @Override
    public Memory join(List<Memory> parts, String name) {
        throw new DmaBufException(Reason.ACCESS, "parts are not joined yet");
    }

    private void ended(MemfdMemory memory) {
        living.remove(memory);
        budget.give(memory.byteSize());
    }

    @Override
    public boolean owns(Memory memory) {
        return memory instanceof MemfdMemory own && living.contains(own) && own.isOpen();
    }

    private void checkRequest(long byteSize, String name) {
        if (byteSize == 0 || (byteSize & (pageSize - 1)) != 0) {
            throw new IllegalArgumentException("size " + Long.toUnsignedString(byteSize)
                    + " is no multiple of the page size " + pageSize + ", or 0");
        }
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
    public long inUse() {
        return budget.used();
    }

    @Override
    public void closeDescriptor(int descriptor) {
        calls.close(descriptor);
    }

    @Override
    public void copy(Memory from, Memory to) {
        if (to.byteSize() < from.byteSize()) {
            throw new IllegalArgumentException(
                    "memory of " + from.byteSize() + " bytes does not fit into one of " + to.byteSize());
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment source = from.view(0, from.byteSize(), CpuMode.READ, arena);
            to.view(0, from.byteSize(), CpuMode.WRITE, arena).copyFrom(source);
        }
    }

    @Override
    public void zero(Memory memory) {
        if (memory instanceof MemfdMemory own && own.punch()) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            memory.view(0, memory.byteSize(), CpuMode.WRITE, arena).fill((byte) 0);
        }
    }
}
