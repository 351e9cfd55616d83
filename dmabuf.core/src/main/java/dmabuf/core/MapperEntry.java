// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Segment;
import dmabuf.api.spi.Mapper;
import dmabuf.api.spi.MappingRequest;
import dmabuf.core.negotiation.MapperFacts;
import java.util.List;

/** A registered mapper: its facts, read once, and guarded calls of it. */
final class MapperEntry {
    private final String domain;
    private final MapperFacts facts;
    private final Party<Mapper> party;
    private final ForeignCode foreign;

    MapperEntry(String domain, MapperFacts facts, Party<Mapper> party, ForeignCode foreign) {
        this.domain = domain;
        this.facts = facts;
        this.party = party;
        this.foreign = foreign;
    }

    String domain() {
        return domain;
    }

    MapperFacts facts() {
        return facts;
    }

    Party<Mapper> party() {
        return party;
    }

    boolean hasLeft() {
        return party.hasLeft();
    }

    /** Maps storage for a device; a piece that comes too late is unmapped again. */
    Reply<Segment> map(MappingRequest request) {
        return foreign.ask(party, mapper -> mapper.map(request), this::unmap);
    }

    /**
     * Offers mappings of an earlier mapper; answers those that it took over. A throw is a no to that piece alone. What it
     * takes over only after the deadline is unmapped there again.
     */
    List<MappedPieces.Piece> adopt(List<MappedPieces.Piece> pieces) {
        if (pieces.isEmpty()) {
            return pieces;
        }
        Reply<List<MappedPieces.Piece>> adopted = foreign.ask(party, mapper -> pieces.stream()
                .filter(piece -> isAdopted(mapper, piece))
                .toList(), late -> late.forEach(piece -> unmap(piece.addresses())));
        return adopted.given().orElse(List.of());
    }

    private static boolean isAdopted(Mapper mapper, MappedPieces.Piece piece) {
        try {
            return mapper.adopt(piece.device(), piece.physical(), piece.addresses());
        } catch (Throwable _) {
            return false;
        }
    }

    /** Takes a mapping away; from nobody, once the mapper left. */
    void unmap(Segment mapped) {
        foreign.tell(party, mapper -> mapper.unmap(mapped));
    }
}
