// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import java.util.List;
import java.util.Optional;

/**
 * Takes pages wherever the kernel finds them, for allocators of scattered memory. Of a heap and, without the right to
 * read /proc/self/pagemap, of udmabuf and huge pages only the unit is known; a device that needs to know more is refused
 * before anything is taken from a heap.
 */
public final class ScatteredPages implements SourceTaker {
    private final MemoryService memory;
    private final AddressRanges ram;

    /**
     * Takes from a memory service.
     *
     * @param ram where the pages may lie; all addresses where nobody knows
     */
    public ScatteredPages(MemoryService memory, AddressRanges ram) {
        this.memory = memory;
        this.ram = ram;
    }

    @Override
    public Allocation take(MemorySource source, AllocationRequest request) {
        PlacementPromise promise = new PlacementPromise(memory.unit(source), memory.unit(source), ram);
        return switch (source.kind()) {
            case HEAP -> ofHeap(source, promise, request);
            case MEMFD -> ofMemfd(source, promise, request);
            case UDMABUF, HUGE_PAGES, HUGE_UDMABUF -> ofFile(source, promise, request);
        };
    }

    @Override
    public boolean takesMemfds() {
        return true;
    }

    private static Allocation ofHeap(MemorySource source, PlacementPromise promise, AllocationRequest request) {
        refuseForeignMapping(request);
        return checked(source, promise, request);
    }

    private static Allocation ofMemfd(MemorySource source, PlacementPromise promise, AllocationRequest request) {
        refuseUnreachable(source, request);
        return checked(source, promise, request);
    }

    private static Allocation checked(MemorySource source, PlacementPromise promise, AllocationRequest request) {
        SegmentFit.check(promise, request);
        return promised(request.memory(source, request.storageSize()), promise, request);
    }

    /**
     * Refuses memory of a heap for a device that we map for.
     *
     * @throws DmaBufException INCOMPATIBLE, which names the device
     */
    public static void refuseForeignMapping(AllocationRequest request) {
        Optional<String> device = SegmentFit.mappedByUs(request);
        if (device.isPresent()) {
            throw new DmaBufException(
                    Reason.INCOMPATIBLE,
                    "the kernel maps no memory of a heap for an IOMMU from user space (" + device.get() + ")");
        }
    }

    /**
     * Refuses memory whose addresses nobody knows, and that is no dma-buf either, for a device that reaches it directly: no
     * driver can import it, and no program can tell the device an address.
     *
     * @param source where the memory is from; one whose memory is a dma-buf is never refused
     * @throws DmaBufException INCOMPATIBLE, which names the device
     */
    public static void refuseUnreachable(MemorySource source, AllocationRequest request) {
        boolean isImported = source.kind() != MemorySource.Kind.MEMFD && source.kind() != MemorySource.Kind.HUGE_PAGES;
        Optional<Participant> direct = request.devices().stream()
                .filter(device -> !isImported && device.path().iommu().isEmpty())
                .findFirst();
        if (direct.isPresent()) {
            throw new DmaBufException(
                    Reason.INCOMPATIBLE,
                    "no addresses without CAP_SYS_ADMIN and /dev/udmabuf, and no dma-buf (" + direct.get().device() + ")");
        }
    }

    private static Allocation promised(Memory taken, PlacementPromise promise, AllocationRequest request) {
        return Allocation.unplaced(taken, request.storageSize(), promise);
    }

    /** The memory is ours until it is returned: what does not suit is closed at once. */
    private Allocation ofFile(MemorySource source, PlacementPromise promise, AllocationRequest request) {
        long unit = promise.pieceSize();
        Memory taken = memory.allocate(source, (request.storageSize() + unit - 1) & -unit, request.name());
        boolean suits = false;
        try {
            Optional<List<Segment>> segments =
                    memory.physical(taken).map(all -> SegmentFit.first(request.storageSize(), all));
            Allocation allocation = segments.isPresent()
                    ? placed(taken, segments.get(), request)
                    : unplaced(source, taken, promise, request);
            suits = true;
            return allocation;
        } finally {
            if (!suits) {
                taken.close();
            }
        }
    }

    private static Allocation unplaced(
            MemorySource source, Memory taken, PlacementPromise promise, AllocationRequest request) {
        refuseUnreachable(source, request);
        SegmentFit.check(promise, request);
        return promised(taken, promise, request);
    }

    private static Allocation placed(Memory taken, List<Segment> segments, AllocationRequest request) {
        Optional<String> misfit = SegmentFit.misfit(segments, request);
        if (misfit.isPresent()) {
            throw new DmaBufException(Reason.FRAGMENTED, misfit.get());
        }
        return Allocation.verified(taken, segments);
    }
}
