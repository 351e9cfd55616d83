// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.Mapper;
import dmabuf.core.negotiation.MapperFacts;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The registry of mappers; of several for one domain the first serves, the others stand by. */
final class Mappers {
    private final ForeignCode foreign;
    private final Chronicle chronicle;
    private final MappedPieces pieces = new MappedPieces();

    /** Held while one mapper comes or goes, foreign calls included. No map or unmap needs it. */
    private final Object succession = new Object();

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
        arrive(new MapperEntry(read.domain(), read.facts(), named, foreign));
        return named;
    }

    /** Who is to serve learns what is in use before it is asked for more, and afterwards what came in meanwhile. */
    private void arrive(MapperEntry entry) {
        synchronized (succession) {
            Optional<Succession> taking = Optional.of(entry)
                    .filter(coming -> !active.containsKey(coming.domain()))
                    .map(coming -> new Succession(pieces, coming));
            taking.ifPresent(Succession::offer);
            add(entry);
            taking.ifPresent(Mappers::complete);
        }
    }

    private static void complete(Succession taking) {
        taking.offer();
        taking.end();
    }

    private synchronized void add(MapperEntry entry) {
        registered = Stream.concat(registered.stream(), Stream.of(entry)).toList();
        activate();
        chronicle.mapperArrived(entry.domain(), active.get(entry.domain()) == entry);
    }

    /**
     * Removes a registration, and lets go of its service; who stands by takes over what it mapped. Most of that happens
     * while the leaving one still serves, so that the domain is without a mapper only for what was mapped meanwhile.
     */
    void remove(Party<Mapper> party) {
        synchronized (succession) {
            Optional<Succession> taking = active.values().stream()
                    .filter(entry -> entry.party() == party)
                    .findFirst()
                    .flatMap(this::standby)
                    .map(entry -> new Succession(pieces, entry));
            taking.ifPresent(Succession::offer);
            leave(party);
            taking.ifPresent(Succession::offer);
            activate();
            taking.ifPresent(Mappers::complete);
        }
    }

    private synchronized Optional<MapperEntry> standby(MapperEntry leaving) {
        return registered.stream()
                .filter(entry -> entry != leaving && entry.domain().equals(leaving.domain()))
                .findFirst();
    }

    /** Takes a mapper out; nobody follows it yet. */
    private synchronized void leave(Party<Mapper> party) {
        List<MapperEntry> leaving =
                registered.stream().filter(entry -> entry.party() == party).toList();
        registered = registered.stream().filter(entry -> entry.party() != party).toList();
        Map<String, MapperEntry> left = new HashMap<>(active);
        left.values().removeAll(leaving);
        active = Map.copyOf(left);
        party.leave();
        leaving.forEach(entry -> chronicle.mapperLeft(entry.domain()));
    }

    private synchronized void activate() {
        Map<String, MapperEntry> first = new HashMap<>();
        registered.forEach(entry -> first.putIfAbsent(entry.domain(), entry));
        active = Map.copyOf(first);
    }

    private static DmaBufException refused(String why) {
        return new DmaBufException(Reason.INVALID, "a mapper is refused: " + why);
    }
}
