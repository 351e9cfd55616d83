// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.Blame;
import dmabuf.api.BusWindow;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Explanation;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.Participant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/** What tests of this package play on: devices in the words of scenario files, mappers and allocators. */
final class Stage implements Surroundings {
    private final Map<String, MapperFacts> mappers = new HashMap<>();
    private final List<Actor> allocators = new ArrayList<>();
    private boolean waits;

    /** An allocator that serves all devices but some. */
    record Actor(AllocatorSpec spec, Set<String> rejects) implements Contender {
        @Override
        public Answer match(Participant device) {
            return rejects.contains(device.device())
                    ? new Answer.Declined(device, Reason.NO_ALLOCATOR, "match said no")
                    : new Answer.Accepted();
        }
    }

    static Member device(String name, String... ways) {
        List<DmaPath> paths = Arrays.stream(ways.length == 0 ? new String[] {""} : ways).map(Stage::path).toList();
        return new Member(name, paths, Optional.empty());
    }

    /** Reads the words of a device line: those of constraints, and maskBits, offset, iommu and aperture. */
    static DmaPath path(String words) {
        Map<String, String> own = new HashMap<>();
        String rest = Arrays.stream(words.split(" ", -1))
                .filter(word -> !isOfPath(word, own))
                .collect(Collectors.joining(" "));
        DmaPath path = DmaPath.of(DmaConstraints.parse(rest));
        if (own.containsKey("maskBits")) {
            path = path.withMaskBits(Integer.parseInt(own.get("maskBits")));
        }
        if (own.containsKey("offset")) {
            long offset = own.get("offset").startsWith("-")
                    ? -Quantity.parse(own.get("offset").substring(1))
                    : Quantity.parse(own.get("offset"));
            path = path.withWindows(List.of(BusWindow.ofOffset(offset)));
        }
        if (own.containsKey("iommu")) {
            path = path.withIommu(own.get("iommu"));
        }
        return own.containsKey("aperture") ? path.withAperture(AddressRange.parse(own.get("aperture"))) : path;
    }

    private static boolean isOfPath(String word, Map<String, String> own) {
        int equals = word.indexOf('=');
        boolean isOfPath = equals > 0
                && Set.of("maskBits", "offset", "iommu", "aperture").contains(word.substring(0, equals));
        if (isOfPath) {
            own.put(word.substring(0, equals), word.substring(equals + 1));
        }
        return isOfPath;
    }

    static Demand demand(String size) {
        return Demand.of(Quantity.parse(size), 4096, 1, Set.of());
    }

    Stage mapper(String domain, String granule, String aperture, String output) {
        return mapper(
                domain,
                new MapperFacts(
                        Quantity.parse(granule), AddressRanges.parse(aperture), AddressRange.parse(output)));
    }

    Stage mapper(String domain, MapperFacts facts) {
        mappers.put(domain, facts);
        return this;
    }

    List<Actor> actors() {
        return allocators;
    }

    Stage allocator(String id, String... rejects) {
        return allocator(AllocatorSpec.of(id, "double", 0), rejects);
    }

    Stage allocator(AllocatorSpec spec, String... rejects) {
        allocators.add(new Actor(spec, Set.of(rejects)));
        return this;
    }

    static AllocatorSpec spec(String id, String pool, int bit) {
        return new AllocatorSpec(
                id,
                0,
                "double",
                id,
                pool.isEmpty() ? Optional.empty() : Optional.of(pool),
                bit < 0 ? OptionalInt.empty() : OptionalInt.of(bit),
                false,
                false,
                Set.of());
    }

    Explanation refusal(String size, Member... members) {
        Outcome outcome = Negotiation.negotiate(List.of(members), demand(size), this);
        assertThat(outcome).isInstanceOf(Outcome.Refused.class);
        return ((Outcome.Refused) outcome).explanation();
    }

    Outcome.Agreed agreed(String size, Member... members) {
        Outcome outcome = Negotiation.negotiate(List.of(members), demand(size), this);
        assertThat(outcome).isInstanceOf(Outcome.Agreed.class);
        return (Outcome.Agreed) outcome;
    }

    static String blames(Explanation explanation) {
        return explanation.blames().stream().map(Blame::toString).collect(Collectors.joining(","));
    }

    static String chosen(Outcome.Agreed agreed) {
        return agreed.participants().stream()
                .map(participant -> participant.path().toString())
                .collect(Collectors.joining("|"));
    }

    Stage waiting() {
        waits = true;
        return this;
    }

    @Override
    public Optional<MapperFacts> mapper(String domain) {
        return Optional.ofNullable(mappers.get(domain));
    }

    @Override
    public List<Contender> allocators() {
        return List.copyOf(allocators);
    }

    @Override
    public boolean waitsForAllocator() {
        return waits;
    }
}
