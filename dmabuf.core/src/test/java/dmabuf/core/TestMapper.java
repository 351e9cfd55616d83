// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.Segment;
import dmabuf.api.spi.Mapper;
import dmabuf.api.spi.Participant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/** A double for a mapper: hands out I/O virtual addresses upwards and never again. */
class TestMapper implements Mapper {
    final Map<Long, Segment> mapped = new ConcurrentHashMap<>();

    volatile UnaryOperator<Segment> answering = UnaryOperator.identity();
    volatile Consumer<Segment> unmapping = _ -> {};

    private final String domain;
    private long next = 0x10_0000;

    TestMapper(String domain) {
        this.domain = domain;
    }

    @Override
    public String domain() {
        return domain;
    }

    @Override
    public long granule() {
        return 4096;
    }

    @Override
    public AddressRanges aperture() {
        return AddressRanges.of(new AddressRange(0x10_0000, 0xffff_ffffL));
    }

    @Override
    public AddressRange output() {
        return new AddressRange(0, 0xff_ffff_ffffL);
    }

    @Override
    public synchronized Segment map(Participant device, List<Segment> physical) {
        long size = physical.stream().mapToLong(Segment::byteSize).sum();
        Segment piece = answering.apply(new Segment(next, size));
        next += size + granule();
        mapped.put(piece.address(), piece);
        return piece;
    }

    @Override
    public synchronized boolean adopt(Participant device, List<Segment> physical, Segment piece) {
        next = Math.max(next, piece.end() + granule());
        mapped.put(piece.address(), piece);
        return true;
    }

    @Override
    public void unmap(Segment piece) {
        unmapping.accept(piece);
        mapped.remove(piece.address(), piece);
    }

    @Override
    public OptionalLong translate(long ioVirtualAddress) {
        return OptionalLong.empty();
    }
}
