// SPDX-License-Identifier: Apache-2.0
package doubles;

import dmabuf.api.AddressRange;
import java.util.ArrayList;
import java.util.List;

/** The addresses that live storage of one runtime holds. */
public final class Claims {
    private final List<AddressRange> held = new ArrayList<>();

    /** Takes addresses; false when a part is held already. */
    public synchronized boolean claim(AddressRange addresses) {
        if (held.stream().anyMatch(range -> range.intersect(addresses).isPresent())) {
            return false;
        }
        return held.add(addresses);
    }

    /** Gives addresses back that were claimed as they stand. */
    public synchronized void release(AddressRange addresses) {
        if (!held.remove(addresses)) {
            throw new AssertionError(addresses + " is not held: " + held);
        }
    }

    /** Returns whether nothing is held. */
    public synchronized boolean isEmpty() {
        return held.isEmpty();
    }
}
