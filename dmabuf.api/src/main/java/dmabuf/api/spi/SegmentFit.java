// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether memory suits the devices of a request: asked before a source is, or before what it gave is returned. */
public final class SegmentFit {
    private SegmentFit() {}

    /**
     * Returns why segments do not suit the devices of a request, or empty when they do: their length, range, alignment,
     * granule and count. The runtime verifies the same, and more.
     */
    public static Optional<String> misfit(List<Segment> segments, AllocationRequest request) {
        return length(segments, request).or(() -> outOfReach(segments, request)).or(() -> limits(segments, request));
    }

    /** Returns what is wrong with segments of the right length within reach. */
    static Optional<String> limits(List<Segment> segments, AllocationRequest request) {
        List<Segment> joined = joined(segments);
        return request.limits().stream()
                .flatMap(limits -> misfit(joined, limits).stream())
                .findFirst()
                .or(() -> misaligned(joined, request));
    }

    /**
     * Refuses a promise that would not suit the devices of a request, before anything is taken.
     *
     * @throws DmaBufException FRAGMENTED when one piece within the same range would suit, else INCOMPATIBLE
     */
    public static void check(PlacementPromise promise, AllocationRequest request) {
        Optional<String> complaint = complaint(promise, request);
        if (complaint.isPresent()) {
            PlacementPromise whole = new PlacementPromise(-1L, promise.alignment(), promise.within());
            boolean inPieces = complaint(whole, request).isEmpty();
            throw new DmaBufException(inPieces ? Reason.FRAGMENTED : Reason.INCOMPATIBLE, complaint.get());
        }
    }

    private static Optional<String> complaint(PlacementPromise promise, AllocationRequest request) {
        if (Long.compareUnsigned(request.alignment(), promise.alignment()) > 0) {
            return Optional.of("the alignment of the first address is unknown: needs=" + request.alignment()
                    + ", promised=" + promise.alignment());
        }
        return request.devices().stream()
                .filter(device -> device.path().iommu().isEmpty())
                .flatMap(device -> promise.unsuited(device, request.storageSize()).stream())
                .findFirst();
    }

    /**
     * Returns the device that needs pages which VFIO or iommufd can map, if there is one: not those of a heap, whose
     * mappings have none of their own.
     */
    public static Optional<String> mappedByUs(AllocationRequest request) {
        return request.devices().stream()
                .filter(device -> device.path().iommu().filter(domain -> domain.startsWith(IommuService.GROUPS)).isPresent())
                .map(Participant::device)
                .findFirst();
    }

    /** Returns segments without what lies behind the first bytes of them. */
    public static List<Segment> first(long byteSize, List<Segment> segments) {
        List<Segment> first = new ArrayList<>();
        long left = byteSize;
        for (Segment segment : segments) {
            if (left > 0) {
                first.add(new Segment(segment.address(), Math.min(left, segment.byteSize())));
                left -= segment.byteSize();
            }
        }
        return first;
    }

    private static Optional<String> length(List<Segment> segments, AllocationRequest request) {
        long actual = segments.stream().mapToLong(Segment::byteSize).sum();
        return actual == request.storageSize()
                ? Optional.empty()
                : Optional.of("memory of " + actual + " bytes where " + request.storageSize() + " are asked for");
    }

    private static Optional<String> outOfReach(List<Segment> segments, AllocationRequest request) {
        AddressRanges reachable = request.constraints().addressRanges();
        return segments.stream()
                .filter(segment -> reachable.intersect(segment.range()).intervals().stream()
                                .mapToLong(part -> part.byteSize())
                                .sum() != segment.byteSize())
                .findFirst()
                .map(segment -> "out of range: reachable=" + reachable + ", actual=" + segment.range());
    }

    private static Optional<String> misfit(List<Segment> joined, SegmentLimits limits) {
        if (limits.pieceSize() == 0) {
            return Optional.of("no segment fits within " + limits);
        }
        long count = joined.stream().mapToLong(limits::count).sum();
        return Long.compareUnsigned(count, limits.maxSegments()) > 0
                ? Optional.of(count + " segments where a device takes " + Long.toUnsignedString(limits.maxSegments()))
                : Optional.empty();
    }

    private static Optional<String> misaligned(List<Segment> joined, AllocationRequest request) {
        SegmentLimits all = SegmentLimits.of(request.constraints());
        boolean start = joined.stream().anyMatch(segment -> (segment.address() & (all.unit() - 1)) != 0);
        boolean length = joined.stream()
                .limit(joined.size() - 1L)
                .anyMatch(segment -> (segment.byteSize() & (all.granule() - 1)) != 0);
        boolean first = (joined.getFirst().address() & (request.alignment() - 1)) != 0;
        return start || length || first
                ? Optional.of("frames " + joined + " are not aligned for the devices: " + request.constraints())
                : Optional.empty();
    }

    /** Joins neighbours in the order of the memory, as the runtime does. */
    private static List<Segment> joined(List<Segment> segments) {
        List<Segment> joined = new ArrayList<>();
        for (Segment segment : segments) {
            boolean adjacent = !joined.isEmpty() && joined.getLast().end() == segment.address();
            joined.add(adjacent ? join(joined.removeLast(), segment) : segment);
        }
        return joined;
    }

    private static Segment join(Segment before, Segment behind) {
        return new Segment(before.address(), before.byteSize() + behind.byteSize());
    }
}
