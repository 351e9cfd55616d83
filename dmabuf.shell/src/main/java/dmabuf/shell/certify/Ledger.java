// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.AddressRange;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What is live on a bench, and who claimed which addresses. Safe for several threads. */
final class Ledger {
    private final Map<Allocation, Ask> live = new HashMap<>();
    private final Map<Ask, List<AddressRange>> claims = new HashMap<>();

    synchronized boolean claim(Ask ask, AddressRange addresses) {
        boolean free = claims.values().stream()
                .flatMap(List::stream)
                .noneMatch(held -> held.intersect(addresses).isPresent());
        if (free) {
            claims.computeIfAbsent(ask, _ -> new ArrayList<>()).add(addresses);
        }
        return free;
    }

    /** Books storage; answers live storage that it overlaps. What was claimed and not used is free again. */
    synchronized Optional<AddressRange> open(Allocation allocation, Ask ask) {
        List<AddressRange> places = allocation.segments().stream().map(Segment::range).toList();
        claims.remove(ask);
        Optional<AddressRange> overlap = claims.values().stream()
                .flatMap(List::stream)
                .flatMap(held -> places.stream().flatMap(place -> held.intersect(place).stream()))
                .findFirst();
        live.put(allocation, ask);
        claims.put(ask, new ArrayList<>(places));
        return overlap;
    }

    /** Books storage at another place; false when it is not live, or other storage is there. */
    synchronized boolean move(Allocation from, Allocation to) {
        Ask ask = live.get(from);
        if (ask == null) {
            return false;
        }
        List<AddressRange> places = to.segments().stream().map(Segment::range).toList();
        boolean free = claims.entrySet().stream()
                .filter(entry -> entry.getKey() != ask)
                .flatMap(entry -> entry.getValue().stream())
                .noneMatch(held -> places.stream().anyMatch(place -> held.intersect(place).isPresent()));
        if (free) {
            live.remove(from);
            live.put(to, ask);
            claims.put(ask, new ArrayList<>(places));
        }
        return free;
    }

    /** Forgets the claims of a request that failed, or of storage that is given back. */
    synchronized void drop(Ask ask) {
        claims.remove(ask);
    }

    /** Forgets storage; answers its request. */
    synchronized Optional<Ask> close(Allocation allocation) {
        Optional<Ask> ask = Optional.ofNullable(live.remove(allocation));
        ask.ifPresent(claims::remove);
        return ask;
    }

    synchronized Optional<Ask> ask(Allocation allocation) {
        return Optional.ofNullable(live.get(allocation));
    }

    synchronized List<Allocation> live() {
        return List.copyOf(live.keySet());
    }
}
