// SPDX-License-Identifier: Apache-2.0
package allocator.iommu;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.IommuSpace;
import dmabuf.api.spi.Mapper;
import dmabuf.api.spi.MappingRequest;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.SegmentLimits;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The I/O virtual address space of a real IOMMU group: places are found as on the board model, and mapped through iommufd
 * or VFIO. It maps memory, not addresses; the kernel pins the pages, and keeps to itself where they are. Mappings outlive
 * it: they end with their memory, or with the mapper that takes them over.
 */
final class GroupMapper implements Mapper, AutoCloseable {
    /** The most places that are tried for one mapping: a kernel that refuses them all means something else by it. */
    private static final int MOST_PLACES = 1024;

    private final String domain;
    private final IommuSpace space;
    private final DomainShape shape;
    private final AddressBook book;
    private final Map<Long, Segment> mapped = new HashMap<>();

    /**
     * Takes over a handle of the space, and closes it in the end.
     *
     * @param shape what the configuration grants, which the space may narrow
     * @throws DmaBufException INVALID when the space has no address that is granted
     */
    GroupMapper(String domain, IommuSpace space, DomainShape shape) {
        AddressRanges aperture = shape.aperture().intersect(space.aperture());
        if (aperture.isEmpty()) {
            throw new DmaBufException(
                    Reason.INVALID, "the kernel maps " + space.aperture() + ", of which the aperture " + shape.aperture()
                            + " has nothing");
        }
        this.domain = domain;
        this.space = space;
        this.shape = new DomainShape(Math.max(shape.granule(), space.granule()), aperture, AddressRange.ALL);
        this.book = new AddressBook(this.shape);
    }

    @Override
    public String domain() {
        return domain;
    }

    @Override
    public long granule() {
        return shape.granule();
    }

    @Override
    public AddressRanges aperture() {
        return shape.aperture();
    }

    @Override
    public AddressRange output() {
        return shape.output();
    }

    @Override
    public boolean mapsHeapMemory() {
        return false;
    }

    /** {@inheritDoc} Always refused: the kernel takes memory. */
    @Override
    public Segment map(Participant device, List<Segment> physical) {
        throw new DmaBufException(Reason.INVALID, "domain " + domain + " maps memory, not addresses");
    }

    /**
     * {@inheritDoc} Of the places at which the device's table has the fewest entries it takes the lowest.
     *
     * @throws DmaBufException also what the kernel answers, and INVALID for a device of another domain
     */
    @Override
    public Segment map(MappingRequest request) {
        if (request.device().path().iommu().filter(domain::equals).isEmpty()) {
            throw new DmaBufException(Reason.INVALID, request.device().device() + " is not behind domain " + domain);
        }
        checkSize(request);
        List<Segment> taken = new ArrayList<>();
        try {
            while (true) {
                Segment piece = take(request.device(), request.byteSize());
                if (isMapped(request.memory(), piece, taken.size() < MOST_PLACES)) {
                    return piece;
                }
                taken.add(piece);
            }
        } finally {
            taken.forEach(this::give);
        }
    }

    private void checkSize(MappingRequest request) {
        long size = inGranules(request.byteSize());
        if (Long.compareUnsigned(size, request.memory().byteSize()) > 0) {
            throw new DmaBufException(
                    Reason.INVALID, "memory of " + Quantity.format(request.memory().byteSize())
                            + " is less than the pages of domain " + domain + ": " + Quantity.format(size));
        }
    }

    /**
     * Maps memory to a place that is free here; false, with the place still taken, where the kernel has something there. An
     * earlier mapper mapped it, and it was let go of while nobody mapped for the domain: it goes with its memory.
     */
    private boolean isMapped(Memory memory, Segment piece, boolean mayBeTaken) {
        try {
            space.map(memory, 0, inGranules(piece.byteSize()), piece.address());
            return true;
        } catch (RuntimeException e) {
            if (mayBeTaken && e instanceof DmaBufException refusal && refusal.reason() == Reason.INVALID) {
                return false;
            }
            give(piece);
            throw e;
        }
    }

    private Segment take(Participant device, long byteSize) {
        synchronized (book) {
            Segment piece = book.take(byteSize, device.path().reachable(), SegmentLimits.of(device.path().constraints()))
                    .orElseThrow(() -> book.refusal(device, byteSize, domain));
            mapped.put(piece.address(), piece);
            return piece;
        }
    }

    private void give(Segment piece) {
        synchronized (book) {
            if (mapped.remove(piece.address(), piece)) {
                book.give(piece);
            }
        }
    }

    @Override
    public void unmap(Segment piece) {
        synchronized (book) {
            if (!piece.equals(mapped.get(piece.address()))) {
                return;
            }
        }
        // The addresses are free for the next only once the kernel has forgotten them.
        try {
            space.unmap(piece.address(), inGranules(piece.byteSize()));
        } finally {
            give(piece);
        }
    }

    /** {@inheritDoc} Takes over whatever lies in its own addresses: the kernel has it mapped still. */
    @Override
    public boolean adopt(Participant device, List<Segment> physical, Segment piece) {
        synchronized (book) {
            boolean free = book.reserve(piece);
            if (free) {
                mapped.put(piece.address(), piece);
            }
            return free;
        }
    }

    /** {@inheritDoc} Always empty: the kernel does not tell. */
    @Override
    public OptionalLong translate(long ioVirtualAddress) {
        return OptionalLong.empty();
    }

    private long inGranules(long byteSize) {
        return (byteSize + shape.granule() - 1) & -shape.granule();
    }

    String source() {
        return space.source();
    }

    @Override
    public void close() {
        space.close();
    }
}
