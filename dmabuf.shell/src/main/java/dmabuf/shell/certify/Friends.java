// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.spi.Mapper;
import dmabuf.api.spi.Participant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds a device that an allocator serves: the one that the user described, or the plainest that it matches. */
final class Friends {
    private final Optional<DmaConstraints> wished;
    private volatile Optional<Participant> found = Optional.empty();

    Friends(Optional<DmaConstraints> wished) {
        this.wished = wished;
    }

    Participant of(Bench bench) {
        if (found.isEmpty()) {
            found = offered(bench.specimen()).stream().filter(bench::match).findFirst();
        }
        return found.orElseThrow(() -> new Inapplicable("it matches no device that the suite can think of"));
    }

    /** Returns the devices that are tried: direct ones first, then those behind the IOMMUs that come with it. */
    List<Participant> offered(Specimen specimen) {
        DmaConstraints plain = wished.orElse(DmaConstraints.NEUTRAL);
        List<DmaConstraints> ways = new ArrayList<>(List.of(plain));
        specimen.spec().pool().ifPresent(pool ->
                ways.add(plain.toBuilder().pools(Set.of(pool)).build()));
        List<DmaPath> paths = new ArrayList<>(ways.stream().map(DmaPath::of).toList());
        for (Mapper mapper : specimen.mappers()) {
            ways.forEach(way -> paths.add(DmaPath.of(way).withIommu(mapper.domain())));
        }
        return paths.stream().map(path -> new Participant("device", path)).toList();
    }
}
