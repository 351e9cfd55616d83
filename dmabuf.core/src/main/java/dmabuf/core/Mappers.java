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

/** The registry of mappers; of several for one domain the first serves, the others stand by. */
final class Mappers {
    private final ForeignCode foreign;
    private final Chronicle chronicle;
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
        add(new MapperEntry(read.domain(), read.facts(), named, foreign));
        return named;
    }

    private synchronized void add(MapperEntry entry) {
        List<MapperEntry> more = new ArrayList<>(registered);
        more.add(entry);
        replace(more);
        chronicle.mapperArrived(entry.domain(), active.get(entry.domain()) == entry);
    }

    /** Removes a registration, and lets go of its service. */
    synchronized void remove(Party<Mapper> party) {
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
