// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Mapper;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemorySource;
import dmabuf.api.spi.Participant;
import dmabuf.api.spi.SegmentLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A request as the runtime makes it: real memory, claims against all that is live on the bench, GONE once it is over.
 * Set up by one thread; asked by any.
 */
final class Ask implements AllocationRequest {
    private final Bench bench;
    private final long byteSize;
    private final long pageSize;
    private final List<Memory> given = new ArrayList<>();
    private long alignment = 1;
    private Set<String> flags = Set.of();
    private List<Participant> devices = List.of();
    private boolean memoryIsOut;
    private Predicate<AddressRange> taken = _ -> false;
    private boolean claimRefused;
    private boolean over;

    Ask(Bench bench, long byteSize) {
        this.bench = bench;
        this.byteSize = byteSize;
        this.pageSize = bench.memory().pageSize();
    }

    Ask aligned(long value) {
        alignment = value;
        return this;
    }

    Ask flagged(Set<String> value) {
        flags = Set.copyOf(value);
        return this;
    }

    Ask of(List<Participant> value) {
        devices = List.copyOf(value);
        return this;
    }

    /** Makes memory run out. */
    Ask withoutMemory() {
        memoryIsOut = true;
        return this;
    }

    /** Makes others over the same RAM hold what the predicate says. */
    Ask besides(Predicate<AddressRange> others) {
        taken = others;
        return this;
    }

    /** Returns whether a claim was refused because others hold the addresses. */
    synchronized boolean wasRefusedAClaim() {
        return claimRefused;
    }

    /** Returns whether memory is open, and of the memory service. */
    boolean owns(Memory memory) {
        return bench.memory().owns(memory);
    }

    /** Ends the request: from now on it is GONE. */
    synchronized void end() {
        over = true;
    }

    synchronized List<Memory> given() {
        return List.copyOf(given);
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
        return flags;
    }

    @Override
    public String name() {
        return "certify";
    }

    @Override
    public List<Participant> devices() {
        return devices;
    }

    @Override
    public DmaConstraints constraints() {
        return devices.stream().map(this::onPages).reduce(DmaConstraints.NEUTRAL, DmaConstraints::combine);
    }

    /** A direct device puts its limits on the pages, one behind an IOMMU the granule and what the IOMMU puts out. */
    private DmaConstraints onPages(Participant device) {
        DmaPath path = device.path();
        if (path.iommu().isEmpty()) {
            return path.constraints().toBuilder().addressRanges(path.reachable()).build();
        }
        Mapper mapper = bench.specimen().mapper(path.iommu().get()).orElseThrow();
        long granule = Math.max(mapper.granule(), path.constraints().granule());
        return DmaConstraints.builder().granule(granule).addressRanges(AddressRanges.of(mapper.output())).build();
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
        return memory(MemorySource.MEMFD, size);
    }

    @Override
    public synchronized Memory memory(MemorySource source, long size) {
        checkOpen("memory(" + source + ", " + Quantity.format(size) + ")");
        if (memoryIsOut) {
            throw new DmaBufException(Reason.OUT_OF_MEMORY, "the cap is reached, says the suite");
        }
        Memory memory = bench.memory().allocate(source, size, "certify");
        given.add(memory);
        return memory;
    }

    @Override
    public synchronized boolean claim(AddressRange addresses) {
        checkOpen("claim(" + addresses + ")");
        if (taken.test(addresses)) {
            claimRefused = true;
            return false;
        }
        return bench.ledger().claim(this, addresses);
    }

    private void checkOpen(String call) {
        if (over) {
            bench.trespasses().add(call);
            throw new DmaBufException(Reason.GONE, "the request is over: its deadline passed or it was answered");
        }
    }

    /** Returns the request in words. */
    @Override
    public String toString() {
        StringBuilder words = new StringBuilder(Quantity.format(byteSize));
        words.append(alignment == 1 ? "" : " align=" + Quantity.format(alignment));
        words.append(flags.isEmpty() ? "" : " flags=" + flags);
        List<String> paths = devices.stream().map(device -> device.path().toString()).toList();
        words.append(paths.isEmpty() ? " for no device" : " for " + String.join(" and ", paths).strip());
        return "allocate(" + words.toString().strip().replaceAll(" for$", "") + ")";
    }
}
