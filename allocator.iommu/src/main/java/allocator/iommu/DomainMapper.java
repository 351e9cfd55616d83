// SPDX-License-Identifier: Apache-2.0
package allocator.iommu;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaPath;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Mapper;
import dmabuf.api.spi.MappingRequest;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.SegmentLimits;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The I/O virtual address space of one domain on the board model: each mapping is one piece with a guard behind it, and
 * nothing else translates. Calls on one domain wait for each other.
 */
final class DomainMapper implements Mapper {
    private final String domain;
    private final DomainShape shape;
    private final AddressBook book;
    private final TreeMap<Long, Mapped> mapped = new TreeMap<>(Long::compareUnsigned);

    DomainMapper(String domain, DomainShape shape) {
        this.domain = domain;
        this.shape = shape;
        this.book = new AddressBook(shape);
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

    /**
     * {@inheritDoc} Of the places at which the device's table has the fewest entries it takes the lowest.
     *
     * @throws DmaBufException also INVALID for a device of another domain, and for a segment that is no whole granules
     *     (but for the last length) or lies where the IOMMU cannot put out
     */
    @Override
    public Segment map(Participant device, List<Segment> physical) {
        check(device, physical);
        return place(device, physical, physical.stream().mapToLong(Segment::byteSize).sum());
    }

    /** {@inheritDoc} Where the kernel alone knows the pages it also maps for itself: nothing is known behind the piece. */
    @Override
    public Segment map(MappingRequest request) {
        if (!request.physical().isEmpty()) {
            return map(request.device(), request.physical());
        }
        checkDomain(request.device());
        return place(request.device(), List.of(), request.byteSize());
    }

    private Segment place(Participant device, List<Segment> physical, long byteSize) {
        SegmentLimits limits = SegmentLimits.of(device.path().constraints());
        synchronized (book) {
            Segment piece = book.take(byteSize, device.path().reachable(), limits)
                    .orElseThrow(() -> book.refusal(device, byteSize, domain));
            mapped.put(piece.address(), new Mapped(piece, physical));
            return piece;
        }
    }

    @Override
    public void unmap(Segment piece) {
        synchronized (book) {
            Mapped entry = mapped.get(piece.address());
            if (entry != null && entry.piece().equals(piece)) {
                mapped.remove(piece.address());
                book.give(piece);
            }
        }
    }

    /** {@inheritDoc} Takes over whatever lies in its own addresses. */
    @Override
    public boolean adopt(Participant device, List<Segment> physical, Segment piece) {
        synchronized (book) {
            boolean free = book.reserve(piece);
            if (free) {
                mapped.put(piece.address(), new Mapped(piece, physical));
            }
            return free;
        }
    }

    @Override
    public OptionalLong translate(long ioVirtualAddress) {
        synchronized (book) {
            Map.Entry<Long, Mapped> entry = mapped.floorEntry(ioVirtualAddress);
            return entry == null ? OptionalLong.empty() : entry.getValue().translate(ioVirtualAddress);
        }
    }

    private void check(Participant device, List<Segment> physical) {
        checkDomain(device);
        if (physical.isEmpty()) {
            throw invalid("there is nothing to map for " + device.device());
        }
        for (int i = 0; i < physical.size(); i++) {
            check(physical.get(i), i == physical.size() - 1);
        }
    }

    private void checkDomain(Participant device) {
        DmaPath path = device.path();
        if (path.iommu().filter(domain::equals).isEmpty()) {
            throw invalid(device.device() + " is not behind domain " + domain + " but "
                    + path.iommu().map(other -> "behind " + other).orElse("reaches memory directly"));
        }
    }

    private void check(Segment segment, boolean last) {
        long units = last ? segment.address() : segment.address() | segment.byteSize();
        if ((units & (shape.granule() - 1)) != 0) {
            throw invalid("segment " + segment + " is not in whole pages of domain " + domain + ": "
                    + Quantity.format(shape.granule()));
        }
        if (!shape.output().contains(segment.range())) {
            throw invalid("segment " + segment + " is not in the output of domain " + domain + ": " + shape.output());
        }
    }

    private static DmaBufException invalid(String message) {
        return new DmaBufException(Reason.INVALID, message);
    }
}
