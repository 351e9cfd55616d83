// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.UserDevice;
import java.util.ArrayList;
import java.util.TreeMap;

/**
 * The one address space of a group, with who uses it and what is mapped. It ends when nobody uses it and nothing is
 * mapped, or with the service. All state is guarded by this object's monitor, which is held while the kernel pins pages.
 */
final class GroupSpace {
    private final IommuGroup group;
    private final AddressSpace kernel;
    private final long granule;

    /** By the first I/O virtual address; compared as unsigned. */
    private final TreeMap<Long, Mapped> mappings = new TreeMap<>(Long::compareUnsigned);

    private int users;
    private boolean ended;

    /** A mapping, compared by identity, and what its memory runs to take it away. */
    private final class Mapped implements Runnable {
        private final AddressRange place;
        private final long byteSize;
        private final LinuxMemory memory;

        Mapped(AddressRange place, long byteSize, LinuxMemory memory) {
            this.place = place;
            this.byteSize = byteSize;
            this.memory = memory;
        }

        @Override
        public void run() {
            unmap(this);
        }
    }

    /** A device and its descriptor. */
    private record Opened(String address, int descriptor) implements UserDevice {}

    GroupSpace(IommuGroup group, AddressSpace kernel) {
        this.group = group;
        this.kernel = kernel;
        this.granule = kernel.granule();
    }

    AddressSpace kernel() {
        return kernel;
    }

    /** Counts a user; returns false when the space has ended. */
    synchronized boolean enter() {
        users += ended ? 0 : 1;
        return !ended;
    }

    synchronized void leave() {
        users--;
        endIfIdle();
    }

    synchronized void map(LinuxMemory memory, long byteOffset, long byteSize, long ioVirtual) {
        checkOpen();
        checkPiece(memory, byteOffset, byteSize);
        Mapped mapped = new Mapped(place(byteSize, ioVirtual), byteSize, memory);
        long address = memory.use(mapped);
        try {
            kernel.map(address + byteOffset, byteSize, ioVirtual);
        } catch (RuntimeException e) {
            memory.unuse(mapped);
            throw e;
        }
        mappings.put(ioVirtual, mapped);
    }

    private void checkPiece(LinuxMemory memory, long byteOffset, long byteSize) {
        if (memory.backing().isExporters()) {
            throw new DmaBufException(
                    Reason.ACCESS,
                    "memory of " + memory.source() + " cannot be mapped for " + group + ": the kernel pins no pages of a"
                            + " dma-buf's exporter; take udmabuf, memfd or hugepages");
        }
        boolean aligned = ((byteOffset | byteSize) & (granule - 1)) == 0;
        if (!aligned || byteOffset < 0 || byteSize < 1 || byteOffset > memory.byteSize() - byteSize) {
            throw new IllegalArgumentException("piece " + byteOffset + "+" + byteSize + " is not inside the memory of "
                    + memory.byteSize() + " bytes, or no multiple of the granule " + granule);
        }
    }

    private AddressRange place(long byteSize, long ioVirtual) {
        AddressRange place = AddressRange.ofSize(ioVirtual, byteSize);
        if ((ioVirtual & (granule - 1)) != 0 || !kernel.aperture().contains(place)) {
            throw new DmaBufException(
                    Reason.INVALID,
                    group + ": " + place + " is reserved, outside or not aligned to " + granule + ": the kernel offers "
                            + kernel.aperture());
        }
        var below = mappings.floorEntry(place.last());
        if (below != null && below.getValue().place.intersect(place).isPresent()) {
            throw new DmaBufException(Reason.INVALID, group + ": a part of " + place + " is mapped already");
        }
        return place;
    }

    synchronized void unmap(long ioVirtual, long byteSize) {
        Mapped mapped = mappings.get(ioVirtual);
        if (mapped == null) {
            return; // With its memory, or with the service.
        }
        if (mapped.byteSize != byteSize) {
            throw new IllegalArgumentException("at 0x" + Long.toHexString(ioVirtual) + " are " + mapped.byteSize
                    + " bytes mapped, not " + byteSize);
        }
        unmap(mapped);
    }

    /** Undoes this very mapping: when it is gone, its addresses may be somebody else's. */
    private synchronized void unmap(Mapped mapped) {
        if (!mappings.remove(mapped.place.first(), mapped)) {
            return;
        }
        mapped.memory.unuse(mapped);
        try {
            kernel.unmap(mapped.place.first(), mapped.byteSize);
        } finally {
            endIfIdle(); // Which undoes what the kernel would not.
        }
    }

    synchronized UserDevice device(String pciAddress) {
        checkOpen();
        if (!group.devices().contains(pciAddress)) {
            throw new DmaBufException(
                    Reason.INVALID, group + " has no device " + pciAddress + ", but " + group.devices());
        }
        return new Opened(pciAddress, kernel.device(pciAddress));
    }

    /** Ends the space whoever uses it: no device reaches any memory any more. */
    synchronized void end() {
        if (!ended) {
            ended = true;
            try {
                kernel.close();
            } finally {
                new ArrayList<>(mappings.values()).forEach(mapped -> mapped.memory.unuse(mapped));
                mappings.clear();
            }
        }
    }

    private void endIfIdle() {
        if (users == 0 && mappings.isEmpty()) {
            end();
        }
    }

    private void checkOpen() {
        if (ended) {
            throw new DmaBufException(Reason.GONE, "the address space of " + group + " is closed");
        }
    }

    @Override
    public String toString() {
        return kernel.source() + " of " + group;
    }
}
