// SPDX-License-Identifier: Apache-2.0
package doubles;

import dmabuf.api.AddressRange;
import java.util.Map;
import java.util.TreeMap;

/** The addresses that live storage of one runtime holds. */
public final class Claims {
    private final TreeMap<Long, AddressRange> held = new TreeMap<>(Long::compareUnsigned);

    /** Takes addresses; false when a part is held already. */
    public synchronized boolean claim(AddressRange addresses) {
        Map.Entry<Long, AddressRange> below = held.floorEntry(addresses.last());
        if (below != null && below.getValue().intersect(addresses).isPresent()) {
            return false;
        }
        held.put(addresses.first(), addresses);
        return true;
    }

    /** Gives addresses back that were claimed as they stand. */
    public synchronized void release(AddressRange addresses) {
        if (!held.remove(addresses.first(), addresses)) {
            throw new AssertionError(addresses + " is not held: " + held);
        }
    }

    /** Returns whether nothing is held. */
    public synchronized boolean isEmpty() {
        return held.isEmpty();
    }
}
