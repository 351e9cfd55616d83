// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AddressRange;
import dmabuf.api.spi.Memory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The live CPU physical addresses of a core: who overlaps with whom. Its lock is held for a few comparisons only, never
 * while anything else is called.
 */
final class Claims {
    private final TreeMap<Long, Long> lastByFirst = new TreeMap<>(Long::compareUnsigned);
    private final Set<Memory> memories = Collections.newSetFromMap(new IdentityHashMap<>());

    /** What one storage, or one request under way, has claimed. Guarded by the claims it belongs to. */
    static final class Holding {
        private List<AddressRange> ranges = List.of();
    }

    /** Claims more addresses; false, with nothing claimed, when a part of them is claimed already. */
    synchronized boolean claim(Holding holding, AddressRange addresses) {
        if (overlap(addresses).isPresent()) {
            return false;
        }
        lastByFirst.put(addresses.first(), addresses.last());
        List<AddressRange> more = new ArrayList<>(holding.ranges);
        more.add(addresses);
        holding.ranges = more;
        return true;
    }

    /**
     * Replaces what a holding has by new addresses, which may overlap with what it had.
     *
     * @return the first address range that overlaps with another live one; then nothing has changed
     */
    synchronized Optional<AddressRange> replace(Holding holding, Collection<AddressRange> ranges) {
        List<AddressRange> before = holding.ranges;
        drop(holding);
        for (AddressRange range : ranges) {
            if (!claim(holding, range)) {
                drop(holding);
                before.forEach(old -> claim(holding, old));
                return Optional.of(range);
            }
        }
        return Optional.empty();
    }

    /** Gives up everything that a holding has. */
    synchronized void drop(Holding holding) {
        holding.ranges.forEach(range -> lastByFirst.remove(range.first()));
        holding.ranges = List.of();
    }

    /** Takes a memory into use; false when other storage uses it already. */
    synchronized boolean use(Memory memory) {
        return memories.add(memory);
    }

    /** Ends the use of a memory. */
    synchronized void disuse(Memory memory) {
        memories.remove(memory);
    }

    private Optional<AddressRange> overlap(AddressRange range) {
        Map.Entry<Long, Long> below = lastByFirst.floorEntry(range.last());
        return below != null && Long.compareUnsigned(below.getValue(), range.first()) >= 0
                ? Optional.of(new AddressRange(below.getKey(), below.getValue()))
                : Optional.empty();
    }
}
