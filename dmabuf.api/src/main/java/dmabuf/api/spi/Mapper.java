// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import java.util.List;
import java.util.OptionalLong;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Maps any storage for devices behind one IOMMU domain; the counterpart of Linux' dma_map_ops. Register it as a service
 * with the property {@value #DOMAIN}. Threads and deadlines are as for an {@link Allocator}.
 */
@ConsumerType
public interface Mapper {
    /** Property: the domain that it maps for, a String. */
    String DOMAIN = "dmabuf.mapper.domain";

    /** Returns the domain; equal to the property {@value #DOMAIN}. */
    String domain();

    /** Returns the page size of the IOMMU in bytes: the granule that it puts on physical pages; a power of two. */
    long granule();

    /** Returns the I/O virtual addresses that it hands out, without the reserved ranges. */
    AddressRanges aperture();

    /** Returns the CPU physical addresses that the IOMMU can put out. */
    AddressRange output();

    /**
     * Maps physical segments to one contiguous piece of I/O virtual addresses, with a guard page behind it.
     *
     * @param device the device, whose own limits the place must honour
     * @param physical the storage's segments in CPU physical space
     * @return the I/O virtual piece, of the same size as all segments together
     * @throws dmabuf.api.DmaBufException OUT_OF_MEMORY or FRAGMENTED when the address space has no such place
     */
    Segment map(Participant device, List<Segment> physical);

    /**
     * Maps storage, as {@link #map(Participant, List)} does; the runtime calls this one. A mapper that maps memory for a
     * real IOMMU overrides it. By default it passes the segments on.
     *
     * @throws dmabuf.api.DmaBufException as the other one; by default ACCESS where the kernel alone knows the segments
     */
    default Segment map(MappingRequest request) {
        if (request.physical().isEmpty()) {
            throw new DmaBufException(
                    Reason.ACCESS,
                    "the addresses of " + request.memory().source() + " memory are known to the kernel alone: domain "
                            + domain() + " maps by addresses");
        }
        return map(request.device(), request.physical());
    }

    /**
     * Returns whether it maps memory of a heap, whose pages are no mapping's own; constant. Where it does not, storage from a
     * heap is refused for its devices, and moves when one of them joins.
     */
    default boolean mapsHeapMemory() {
        return true;
    }

    /** Takes a mapping away; called once for each that was returned in time or taken over. Does not throw. */
    void unmap(Segment mapped);

    /**
     * Takes over a mapping that an earlier mapper of the domain made and that is still in use. Called before the first
     * {@link #map}, once for each; only what the earlier one maps in the very moment of the change may follow after it.
     * Whoever takes one over hands its addresses to nobody else until they are unmapped. A throw counts as false, for this
     * mapping alone. The calls have the deadline of one: when it passes, none of them counts, and what was taken over is
     * unmapped.
     *
     * @param device the device that it was made for
     * @param physical the storage's segments in CPU physical space
     * @param mapped the I/O virtual piece
     * @return whether it did, and {@link #unmap} is called in the end; false is the default: a map that gets addresses of
     *     such a piece is then refused as long as that is in use
     */
    default boolean adopt(Participant device, List<Segment> physical, Segment mapped) {
        return false;
    }

    /** Returns the CPU physical address behind an I/O virtual one, or empty where nothing is mapped. */
    OptionalLong translate(long ioVirtualAddress);
}
