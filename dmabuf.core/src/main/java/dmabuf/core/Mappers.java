// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.Mapper;
import dmabuf.core.negotiation.MapperFacts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The registry of mappers; of several for one domain the first serves, the others stand by. */
final class Mappers {
    private final ForeignCode foreign;
    private final Chronicle chronicle;
    private final MappedPieces pieces = new MappedPieces();
    private List<MapperEntry> registered = List.of();
    private volatile Map<String, MapperEntry> active = Map.of();

    Mappers(ForeignCode foreign, Chronicle chronicle) {
        this.foreign = foreign;
        this.chronicle = chronicle;
    }

    /** Returns the mappers that serve, by domain: one snapshot. */
    Map<String, MapperEntry> active() {
        return active;
    }

    MappedPieces pieces() {
        return pieces;
    }

    /** Asks a mapper for its facts and adds it; INVALID when it does not answer or contradicts itself. */
    Party<Mapper> add(Mapper mapper) {
        Party<Mapper> party = new Party<>("mapper", mapper);
        record Facts(String domain, MapperFacts facts) {}
        Facts read = switch (foreign.ask(party, asked -> new Facts(asked.domain(), MapperFacts.of(asked)))) {
            case Reply.Given<Facts>(Facts facts) -> facts;
            case Reply.Thrown<Facts>(_, String text) -> throw refused(text);
            case Reply.Late<Facts>(String text) -> throw refused(text);
        };
        if (Long.bitCount(read.facts().granule()) != 1) {
            throw refused("granule=" + read.facts().granule() + " is not a power of two");
        }
        party.leave();
        Party<Mapper> named = new Party<>("mapper for " + read.domain(), mapper);
        MapperEntry entry = new MapperEntry(read.domain(), read.facts(), named, foreign);
        succeed(entry, !active.containsKey(read.domain()), () -> add(entry));
        return named;
    }

    /** Lets a mapper know what is in use in its domain before it is asked for more, and answer for it afterwards. */
    private void succeed(MapperEntry entry, boolean serves, Runnable change) {
        List<MappedPieces.Piece> adopted = serves ? entry.adopt(pieces.of(entry.domain())) : List.of();
        change.run();
        boolean active = active().get(entry.domain()) == entry;
        List<MappedPieces.Piece> over = active ? pieces.handOver(adopted, entry) : adopted;
        over.forEach(piece -> entry.unmap(piece.addresses()));
    }

    private synchronized void add(MapperEntry entry) {
        List<MapperEntry> more = new ArrayList<>(registered);
        more.add(entry);
        replace(more);
        chronicle.mapperArrived(entry.domain(), active.get(entry.domain()) == entry);
    }

    /** Removes a registration, and lets go of its service; who stands by takes over what it mapped. */
    void remove(Party<Mapper> party) {
        Optional<MapperEntry> successor = active().values().stream()
                .filter(entry -> entry.party() == party)
                .findFirst()
                .flatMap(this::standby);
        successor.ifPresentOrElse(entry -> succeed(entry, true, () -> leave(party)), () -> leave(party));
    }

    private synchronized Optional<MapperEntry> standby(MapperEntry leaving) {
        return registered.stream()
                .filter(entry -> entry != leaving && entry.domain().equals(leaving.domain()))
                .findFirst();
    }

    private synchronized void leave(Party<Mapper> party) {
        List<MapperEntry> leaving =
                registered.stream().filter(entry -> entry.party() == party).toList();
        replace(registered.stream().filter(entry -> entry.party() != party).toList());
        party.leave();
        leaving.forEach(entry -> chronicle.mapperLeft(entry.domain()));
    }

    private void replace(List<MapperEntry> entries) {
        registered = List.copyOf(entries);
        Map<String, MapperEntry> first = new HashMap<>();
        registered.forEach(entry -> first.putIfAbsent(entry.domain(), entry));
        active = Map.copyOf(first);
    }

    private static DmaBufException refused(String why) {
        return new DmaBufException(Reason.INVALID, "a mapper is refused: " + why);
    }
}
