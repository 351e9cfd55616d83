// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.FreeSpace;
import dmabuf.api.spi.Mapper;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.Placement;
import dmabuf.api.spi.SegmentLimits;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.osgi.framework.BundleContext;

/** A sound allocator with a sound mapper of one domain. */
public class SoundMapper extends Sound implements Mapper {
    private static final AddressRanges APERTURE = AddressRanges.parse("0x100000..0x1ffffff");

    final FreeSpace free = FreeSpace.of(APERTURE);
    final Map<Long, List<Segment>> mapped = new TreeMap<>();

    public SoundMapper(BundleContext context) {
        super(context);
    }

    @Override
    public String domain() {
        return "planted";
    }

    @Override
    public long granule() {
        return PAGE;
    }

    @Override
    public AddressRanges aperture() {
        return APERTURE;
    }

    @Override
    public AddressRange output() {
        return AddressRange.ALL;
    }

    long guard() {
        return PAGE;
    }

    @Override
    public synchronized Segment map(Participant device, List<Segment> physical) {
        long size = physical.stream().mapToLong(Segment::byteSize).sum();
        AddressRange place = Placement.best(
                        free.within(device.path().reachable()), size + guard(), PAGE,
                        List.of(SegmentLimits.of(device.path().constraints())))
                .orElseThrow(() -> new DmaBufException(Reason.OUT_OF_MEMORY, "the domain is full"))
                .range();
        free.take(place);
        mapped.put(place.first(), List.copyOf(physical));
        return new Segment(place.first(), size);
    }

    @Override
    public synchronized void unmap(Segment piece) {
        mapped.remove(piece.address());
        free.give(AddressRange.ofSize(piece.address(), piece.byteSize() + guard()));
    }

    @Override
    public synchronized OptionalLong translate(long address) {
        for (var entry : mapped.entrySet()) {
            long offset = address - entry.getKey();
            for (Segment segment : entry.getValue()) {
                if (offset >= 0 && offset < segment.byteSize()) {
                    return OptionalLong.of(segment.address() + offset);
                }
                offset -= segment.byteSize();
            }
        }
        return OptionalLong.empty();
    }
}
