// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AccessBits;
import dmabuf.core.negotiation.Contender;
import dmabuf.core.negotiation.MapperFacts;
import dmabuf.core.negotiation.Surroundings;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The allocators and mappers that are present, as one snapshot for the time of one decision. */
record Presence(
        List<AllocatorEntry> entries,
        Map<String, MapperEntry> mappers,
        boolean waitsForAllocator,
        AccessBits accessBits)
        implements Surroundings {
    @Override
    public Optional<MapperFacts> mapper(String domain) {
        return Optional.ofNullable(mappers.get(domain)).map(MapperEntry::facts);
    }

    @Override
    public List<Contender> allocators() {
        return List.copyOf(entries);
    }

    /** Returns whether an allocator left since: what was decided about it is no longer worth anything. */
    boolean isStale() {
        return entries.stream().anyMatch(AllocatorEntry::hasLeft);
    }

    /** Returns the allocators of these ids, in the order of the ids. */
    List<AllocatorEntry> named(List<String> ids) {
        return ids.stream()
                .flatMap(id -> entries.stream().filter(entry -> entry.id().equals(id)))
                .toList();
    }
}
