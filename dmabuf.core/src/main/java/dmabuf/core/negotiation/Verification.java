// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.AddressRanges;
import dmabuf.api.DmaPath;
import dmabuf.api.Quantity;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemorySource;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.PlacementPromise;
import dmabuf.api.spi.SegmentLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Tests what foreign code returned; a complaint names the values. Overlap with the storage of other buffers is the
 * caller's to test.
 */
public final class Verification {
    private Verification() {}

    /**
     * Tests an allocation for the buffer and for every device: length, no overlap among its segments, the first
     * address, and all of {@link #device}.
     *
     * @param segments in CPU physical space as the allocator returned them
     * @return the first complaint, for example {@code "too many segments: max=1, actual=17 (codec@38300000)"}
     */
    public static Optional<String> allocation(
            List<Segment> segments, Demand demand, List<Participant> devices, Surroundings surroundings) {
        Optional<String> complaint = length(segments, demand.storageSize())
                .or(() -> overlap(segments))
                .or(() -> misaligned("first address", segments.getFirst().address(), demand.alignment(), "the buffer"));
        for (Participant device : devices) {
            complaint = complaint.or(() -> device(segments, device, surroundings));
        }
        return complaint;
    }

    /** Tests an allocation as above; of an unplaced one, what its promise leaves open. */
    public static Optional<String> allocation(
            Allocation given, Demand demand, List<Participant> devices, Surroundings surroundings) {
        if (given.promise().isEmpty()) {
            return allocation(given.segments(), demand, devices, surroundings);
        }
        PlacementPromise promise = given.promise().get();
        Optional<String> complaint = length(given.byteSize(), demand.storageSize())
                .or(() -> misaligned("first address", promise.alignment(), demand.alignment(), "the buffer"));
        for (Participant device : devices) {
            complaint = complaint.or(() -> unmappable(given.memory(), device, surroundings))
                    .or(() -> promised(promise, demand.storageSize(), device, surroundings));
        }
        return complaint;
    }

    /** Who reaches memory directly is told its addresses, or imports it; who is behind an IOMMU has it mapped. */
    private static Optional<String> unmappable(Memory memory, Participant device, Surroundings surroundings) {
        if (device.path().iommu().isEmpty()) {
            return memory.isDmaBuf()
                    ? Optional.empty()
                    : Optional.of("addresses unknown, and memory of " + memory.source()
                            + " is no dma-buf that a driver imports" + named(device));
        }
        return MemorySource.isHeap(memory) && !Terms.facts(device.path(), surroundings).mapsHeapMemory()
                ? Optional.of("memory of " + memory.source() + " is not mapped from user space" + named(device))
                : Optional.empty();
    }

    private static Optional<String> promised(
            PlacementPromise promise, long storageSize, Participant device, Surroundings surroundings) {
        if (device.path().iommu().isEmpty()) {
            return promise.unsuited(device, storageSize);
        }
        MapperFacts facts = Terms.facts(device.path(), surroundings);
        AddressRanges output = AddressRanges.of(facts.output());
        long granule = Terms.larger(facts.granule(), device.path().constraints().granule());
        return output.intersect(promise.within()).equals(promise.within())
                ? misaligned("pages", promise.alignment(), granule, device.device())
                : Optional.of("addresses unknown: output=" + output + ", may lie in " + promise.within() + named(device));
    }

    /** Tests storage for one device, for example a newcomer to storage that exists. */
    public static Optional<String> device(List<Segment> segments, Participant device, Surroundings surroundings) {
        List<Segment> runs = Tables.join(segments);
        if (device.path().iommu().isPresent()) {
            return pages(runs, device, Terms.facts(device.path(), surroundings));
        }
        AddressRanges reachable = device.path().reachable();
        return runs.stream()
                .flatMap(run -> unreachable(run, reachable, device).stream())
                .findFirst()
                .or(() -> table(devicePieces(runs, device.path(), reachable), device));
    }

    /** Tests the piece of I/O virtual addresses that a mapper returned for a device. */
    public static Optional<String> mapped(
            Segment ioVirtual, long storageSize, Participant device, Surroundings surroundings) {
        MapperFacts facts = Terms.facts(device.path(), surroundings);
        AddressRanges reachable = device.path().reachable();
        return length(List.of(ioVirtual), storageSize)
                .or(() -> unreachable(ioVirtual, facts.aperture(), device))
                .or(() -> unreachable(ioVirtual, reachable, device))
                .or(() -> table(Tables.split(ioVirtual, reachable), device));
    }

    private static List<Segment> devicePieces(List<Segment> runs, DmaPath path, AddressRanges reachable) {
        return runs.stream()
                .flatMap(run -> Tables.split(run, reachable).stream())
                .map(piece -> Tables.inDeviceSpace(path, piece))
                .toList();
    }

    private static Optional<String> length(List<Segment> segments, long storageSize) {
        long sum = 0;
        for (Segment segment : segments) {
            sum += segment.byteSize();
            if (Long.compareUnsigned(sum, segment.byteSize()) < 0) {
                return Optional.of("wrong length: expected=" + Quantity.hex(storageSize) + ", actual is above 2^64");
            }
        }
        return length(sum, storageSize);
    }

    private static Optional<String> length(long actual, long expected) {
        return actual == expected
                ? Optional.empty()
                : Optional.of("wrong length: expected=" + Quantity.hex(expected) + ", actual=" + Quantity.hex(actual));
    }

    private static Optional<String> overlap(List<Segment> segments) {
        List<Segment> sorted = new ArrayList<>(segments);
        sorted.sort((a, b) -> a.range().compareTo(b.range()));
        for (int i = 1; i < sorted.size(); i++) {
            if (sorted.get(i - 1).range().contains(sorted.get(i).address())) {
                return Optional.of("segments overlap: " + sorted.get(i - 1) + " and " + sorted.get(i));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> unreachable(Segment piece, AddressRanges reachable, Participant device) {
        long covered = reachable.intersect(piece.range()).intervals().stream()
                .mapToLong(part -> part.byteSize())
                .sum();
        return covered == piece.byteSize()
                ? Optional.empty()
                : Optional.of("out of range: reachable=" + reachable + ", actual=" + piece.range() + named(device));
    }

    /** Tests physical runs for an IOMMU, which maps whole pages of its own and puts out only so many address bits. */
    private static Optional<String> pages(List<Segment> runs, Participant device, MapperFacts facts) {
        long granule = Terms.larger(facts.granule(), device.path().constraints().granule());
        AddressRanges output = AddressRanges.of(facts.output());
        return runs.stream()
                .flatMap(run -> unreachable(run, output, device).stream())
                .findFirst()
                .or(() -> granules(runs, granule, device));
    }

    /** Tests one device's own pieces, in its own addresses. */
    private static Optional<String> table(List<Segment> pieces, Participant device) {
        SegmentLimits limits = SegmentLimits.of(device.path().constraints());
        if (limits.pieceSize() == 0) {
            return Optional.of("no segment is possible: " + device.path().constraints() + named(device));
        }
        return pieces.stream()
                .flatMap(piece -> misaligned("segment", piece.address(), limits.alignment(), device.device()).stream())
                .findFirst()
                .or(() -> granules(pieces, limits.granule(), device))
                .or(() -> count(pieces, limits, device));
    }

    private static Optional<String> granules(List<Segment> pieces, long granule, Participant device) {
        for (int i = 0; i < pieces.size(); i++) {
            Segment piece = pieces.get(i);
            boolean last = i == pieces.size() - 1;
            if (((piece.address() | (last ? 0 : piece.byteSize())) & (granule - 1)) != 0) {
                return Optional.of("not in whole granules: granule=" + Quantity.hex(granule) + ", actual=" + piece
                        + named(device));
            }
        }
        return Optional.empty();
    }

    private static Optional<String> count(List<Segment> pieces, SegmentLimits limits, Participant device) {
        long max = Long.compareUnsigned(limits.maxSegments(), Tables.MAX_ENTRIES) < 0
                ? limits.maxSegments()
                : Tables.MAX_ENTRIES;
        long actual = 0;
        for (Segment piece : pieces) {
            long more = limits.count(piece);
            actual = actual + more < 0 || more < 0 ? Long.MAX_VALUE : actual + more;
        }
        return actual <= max
                ? Optional.empty()
                : Optional.of("too many segments: max=" + max + ", actual=" + actual + named(device));
    }

    private static Optional<String> misaligned(String what, long address, long alignment, String whose) {
        return (address & (alignment - 1)) == 0
                ? Optional.empty()
                : Optional.of(what + " not aligned: alignment=" + Quantity.hex(alignment) + ", actual="
                        + Quantity.hex(address) + " (" + whose + ")");
    }

    private static String named(Participant device) {
        return " (" + device.device() + ")";
    }
}
