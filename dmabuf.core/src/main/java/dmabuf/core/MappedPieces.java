// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Segment;
import dmabuf.api.spi.Participant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The I/O virtual addresses in use, by domain, and the mapper that answers for each piece: the one that made it or, since
 * that left, the one that took over. Its lock is held for a few comparisons only.
 */
final class MappedPieces {
    private final Map<String, NavigableMap<Long, Owned>> byFirst = new HashMap<>();

    /** What was mapped for a device. Compared by identity. */
    static final class Piece {
        private final Participant device;
        private final List<Segment> physical;
        private final Segment addresses;

        Piece(Participant device, List<Segment> physical, Segment addresses) {
            this.device = device;
            this.physical = List.copyOf(physical);
            this.addresses = addresses;
        }

        Participant device() {
            return device;
        }

        List<Segment> physical() {
            return physical;
        }

        Segment addresses() {
            return addresses;
        }
    }

    private record Owned(Piece piece, MapperEntry owner) {}

    /** Takes a piece into use; answers the addresses in use that it overlaps, and is not in use then. */
    synchronized Optional<Segment> add(Piece piece, MapperEntry owner) {
        NavigableMap<Long, Owned> pieces = pieces(owner.domain());
        Map.Entry<Long, Owned> below = pieces.floorEntry(piece.addresses().range().last());
        if (below != null && below.getValue().piece().addresses().range().intersect(piece.addresses().range()).isPresent()) {
            return Optional.of(below.getValue().piece().addresses());
        }
        pieces.put(piece.addresses().address(), new Owned(piece, owner));
        return Optional.empty();
    }

    /** Ends the use of a piece; answers who is to be told. */
    synchronized Optional<MapperEntry> remove(String domain, Piece piece) {
        return owned(domain, piece).map(owned -> {
            pieces(domain).remove(piece.addresses().address());
            return owned.owner();
        });
    }

    /** Returns whether the mapper that answers for a piece is present. */
    synchronized boolean isServed(String domain, Piece piece) {
        return owned(domain, piece).filter(owned -> !owned.owner().hasLeft()).isPresent();
    }

    /** Returns the pieces of a mapper's domain that others answer for. */
    synchronized List<Piece> ofOthers(MapperEntry mapper) {
        return pieces(mapper.domain()).values().stream()
                .filter(owned -> owned.owner() != mapper)
                .map(Owned::piece)
                .toList();
    }

    /** Lets a mapper answer for pieces from now on; answers those that are no longer in use. */
    synchronized List<Piece> handOver(List<Piece> pieces, MapperEntry successor) {
        List<Piece> over = new ArrayList<>();
        for (Piece piece : pieces) {
            if (owned(successor.domain(), piece).isPresent()) {
                pieces(successor.domain()).put(piece.addresses().address(), new Owned(piece, successor));
            } else {
                over.add(piece);
            }
        }
        return over;
    }

    private Optional<Owned> owned(String domain, Piece piece) {
        return Optional.ofNullable(pieces(domain).get(piece.addresses().address())).filter(owned -> owned.piece() == piece);
    }

    private NavigableMap<Long, Owned> pieces(String domain) {
        return byFirst.computeIfAbsent(domain, _ -> new TreeMap<>(Long::compareUnsigned));
    }
}
