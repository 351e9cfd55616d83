// SPDX-License-Identifier: Apache-2.0
package doubles;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemorySource;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.SegmentLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;

/** A request as the core makes it: a direct device puts its limits on the pages, one behind an IOMMU its granule. */
public final class RequestDouble implements AllocationRequest {
    /** The granule of every IOMMU. */
    public static final long IOMMU_GRANULE = 4096;

    private final long byteSize;
    private long pageSize = 4096;
    private long alignment = 1;
    private AddressRange iommuOutput = AddressRange.ALL;
    private List<Participant> devices = List.of();
    private Claims claims = new Claims();
    private LongFunction<Memory> memories = MemoryDouble::new;
    private Optional<MachineDouble> machine = Optional.empty();

    private final List<AddressRange> claimed = new ArrayList<>();
    private final List<Memory> given = new ArrayList<>();

    private RequestDouble(long byteSize) {
        this.byteSize = byteSize;
    }

    /** Makes a request for so many bytes, 4 KiB pages, no devices. */
    public static RequestDouble ofSize(long byteSize) {
        return new RequestDouble(byteSize);
    }

    /** Sets the page size. */
    public RequestDouble page(long value) {
        pageSize = value;
        return this;
    }

    /** Sets the alignment of the first address. */
    public RequestDouble align(long value) {
        alignment = value;
        return this;
    }

    /** Sets what IOMMUs put out. */
    public RequestDouble output(AddressRange value) {
        iommuOutput = value;
        return this;
    }

    /** Sets the devices. */
    public RequestDouble devices(Participant... value) {
        devices = List.of(value);
        return this;
    }

    /** Sets the devices by their direct constraints, in the words of scenarios. */
    public RequestDouble direct(String... constraints) {
        List<Participant> all = new ArrayList<>();
        for (String text : constraints) {
            all.add(new Participant("device" + all.size(), DmaPath.of(DmaConstraints.parse(text))));
        }
        devices = all;
        return this;
    }

    /** Sets the claims of the runtime. */
    public RequestDouble claims(Claims value) {
        claims = value;
        return this;
    }

    /** Sets where memory comes from. */
    public RequestDouble memories(LongFunction<Memory> value) {
        memories = value;
        return this;
    }

    /** Sets the machine whose sources give memory. */
    public RequestDouble on(MachineDouble value) {
        machine = Optional.of(value);
        memories = size -> value.memfd(size, name());
        return this;
    }

    /** Takes back what was given, as the core does when the request failed. */
    public void fail() {
        claimed.forEach(claims::release);
        claimed.clear();
        given.forEach(Memory::close);
        given.clear();
    }

    /** Claims what the allocator left to the core. */
    boolean claimRest(AddressRange addresses) {
        return claimed.stream().anyMatch(range -> range.contains(addresses)) || claim(addresses);
    }

    List<AddressRange> claimed() {
        return claimed;
    }

    @Override
    public long byteSize() {
        return byteSize;
    }

    @Override
    public long storageSize() {
        return (byteSize + pageSize - 1) & -pageSize;
    }

    @Override
    public long pageSize() {
        return pageSize;
    }

    @Override
    public long alignment() {
        return alignment;
    }

    @Override
    public Set<String> flags() {
        return Set.of();
    }

    @Override
    public String name() {
        return "double";
    }

    @Override
    public List<Participant> devices() {
        return devices;
    }

    @Override
    public DmaConstraints constraints() {
        return devices.stream().map(this::onPages).reduce(DmaConstraints.NEUTRAL, DmaConstraints::combine);
    }

    private DmaConstraints onPages(Participant device) {
        DmaPath path = device.path();
        if (path.iommu().isEmpty()) {
            return path.constraints().toBuilder().addressRanges(path.reachable()).build();
        }
        long granule = Math.max(IOMMU_GRANULE, path.constraints().granule());
        return DmaConstraints.builder().granule(granule).addressRanges(AddressRanges.of(iommuOutput)).build();
    }

    @Override
    public List<SegmentLimits> limits() {
        return devices.stream()
                .filter(device -> device.path().iommu().isEmpty())
                .map(device -> SegmentLimits.of(device.path().constraints()))
                .toList();
    }

    @Override
    public Memory memory(long size) {
        Memory memory = memories.apply(size);
        given.add(memory);
        return memory;
    }

    @Override
    public Memory memory(MemorySource source, long size) {
        if (machine.isEmpty()) {
            return memory(size);
        }
        Memory memory = machine.get().allocate(source, size, name());
        given.add(memory);
        return memory;
    }

    @Override
    public boolean claim(AddressRange addresses) {
        return claims.claim(addresses) && claimed.add(addresses);
    }
}
