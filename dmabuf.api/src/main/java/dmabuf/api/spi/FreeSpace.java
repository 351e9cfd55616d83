// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The free part of an address space, as blocks that never touch each other. For allocators and mappers. Not safe for
 * several threads: its owner guards it.
 */
public final class FreeSpace {
    private final TreeMap<Long, AddressRange> blocks = new TreeMap<>(Long::compareUnsigned);
    private long byteSize;

    private FreeSpace() {}

    /** Returns a space in which all these addresses are free; neighbouring intervals are joined. */
    public static FreeSpace of(AddressRanges addresses) {
        FreeSpace space = new FreeSpace();
        addresses.intervals().forEach(space::give);
        return space;
    }

    /** Returns the free bytes, unsigned; 0 also stands for 2^64. */
    public long byteSize() {
        return byteSize;
    }

    /** Returns the size of the largest block in bytes, unsigned; 0 when there is none, or for 2^64. */
    public long largest() {
        return blocks.values().stream()
                .map(AddressRange::byteSize)
                .max(Long::compareUnsigned)
                .orElse(0L);
    }

    /** Returns whether at least this many bytes are free, in however many pieces. */
    public boolean holds(long bytes) {
        boolean everything = byteSize == 0 && !blocks.isEmpty();
        return everything || Long.compareUnsigned(bytes, byteSize) <= 0;
    }

    /** Returns whether all these addresses are free. */
    public boolean isFree(AddressRange addresses) {
        Map.Entry<Long, AddressRange> block = blocks.floorEntry(addresses.first());
        return block != null && block.getValue().contains(addresses);
    }

    /** Returns the lowest block that reaches an address or lies above it, without what lies below that address. */
    public Optional<AddressRange> next(long address) {
        Map.Entry<Long, AddressRange> block = blocks.floorEntry(address);
        if (block != null && block.getValue().contains(address)) {
            return Optional.of(new AddressRange(address, block.getValue().last()));
        }
        return Optional.ofNullable(blocks.higherEntry(address)).map(Map.Entry::getValue);
    }

    /** Returns the parts of blocks that lie inside the given addresses, ascending; one for each interval they meet. */
    public List<AddressRange> within(AddressRanges addresses) {
        List<AddressRange> parts = new ArrayList<>();
        for (AddressRange interval : addresses.intervals()) {
            Optional<AddressRange> part = next(interval.first()).flatMap(interval::intersect);
            while (part.isPresent()) {
                parts.add(part.get());
                long last = part.get().last();
                part = last == -1L ? Optional.empty() : next(last + 1).flatMap(interval::intersect);
            }
        }
        return parts;
    }

    /**
     * Takes addresses.
     *
     * @throws IllegalStateException when a part of them is not free; nothing is taken then
     */
    public void take(AddressRange addresses) {
        Map.Entry<Long, AddressRange> entry = blocks.floorEntry(addresses.first());
        if (entry == null || !entry.getValue().contains(addresses)) {
            throw new IllegalStateException(addresses + " is not free");
        }
        AddressRange block = entry.getValue();
        blocks.remove(block.first());
        if (block.first() != addresses.first()) {
            put(new AddressRange(block.first(), addresses.first() - 1));
        }
        if (block.last() != addresses.last()) {
            put(new AddressRange(addresses.last() + 1, block.last()));
        }
        byteSize -= addresses.byteSize();
    }

    /**
     * Gives addresses back; they join what is free beside them.
     *
     * @throws IllegalStateException when a part of them is free already; nothing changes then
     */
    public void give(AddressRange addresses) {
        if (next(addresses.first()).flatMap(addresses::intersect).isPresent()) {
            throw new IllegalStateException(addresses + " is partly free already");
        }
        long first = addresses.first();
        long last = addresses.last();
        Map.Entry<Long, AddressRange> below = blocks.lowerEntry(first);
        if (below != null && below.getValue().last() == first - 1) {
            first = below.getKey();
        }
        AddressRange above = last == -1L ? null : blocks.remove(last + 1);
        put(new AddressRange(first, above == null ? last : above.last()));
        byteSize += addresses.byteSize();
    }

    private void put(AddressRange block) {
        blocks.put(block.first(), block);
    }

    @Override
    public String toString() {
        return blocks.values().toString();
    }
}
