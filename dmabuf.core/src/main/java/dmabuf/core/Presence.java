// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AccessBits;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.core.negotiation.Contender;
import dmabuf.core.negotiation.Demand;
import dmabuf.core.negotiation.MapperFacts;
import dmabuf.core.negotiation.Member;
import dmabuf.core.negotiation.Outcome;
import dmabuf.core.negotiation.Precedents;
import dmabuf.core.negotiation.Surroundings;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The allocators and mappers that are present, as one snapshot for the time of one decision, and what was decided on its
 * ground. The same object serves until something changes; see {@link Presences}.
 */
final class Presence implements Surroundings {
    private final List<AllocatorEntry> entries;
    private final List<Contender> contenders;
    private final Map<String, MapperEntry> mappers;
    private final boolean waitsForAllocator;
    private final AccessBits accessBits;
    private final Map<String, AllocatorEntry> byId;
    private final Precedents precedents;

    Presence(
            List<AllocatorEntry> entries, Map<String, MapperEntry> mappers, boolean waitsForAllocator,
            AccessBits accessBits) {
        this.entries = entries;
        this.contenders = List.copyOf(entries);
        this.mappers = mappers;
        this.waitsForAllocator = waitsForAllocator;
        this.accessBits = accessBits;
        this.byId = entries.stream().collect(Collectors.toUnmodifiableMap(AllocatorEntry::id, entry -> entry));
        this.precedents = new Precedents(this);
    }

    /** Returns whether these very lists and names are what it consists of: each of them is replaced when it changes. */
    @SuppressWarnings("ReferenceEquality") // a snapshot is told by its identity
    boolean consistsOf(List<AllocatorEntry> allocators, Map<String, MapperEntry> serving, AccessBits bits) {
        return entries == allocators && mappers == serving && accessBits == bits;
    }

    List<AllocatorEntry> entries() {
        return entries;
    }

    Map<String, MapperEntry> mappers() {
        return mappers;
    }

    @Override
    public Optional<MapperFacts> mapper(String domain) {
        return Optional.ofNullable(mappers.get(domain)).map(MapperEntry::facts);
    }

    @Override
    public List<Contender> allocators() {
        return contenders;
    }

    @Override
    public AccessBits accessBits() {
        return accessBits;
    }

    @Override
    public boolean waitsForAllocator() {
        return waitsForAllocator;
    }

    /** Decides whether devices can share a buffer; the same question, with the devices by name, is answered by the same object. */
    Outcome negotiate(List<Member> members, Demand demand) {
        return precedents.negotiate(members, demand);
    }

    /**
     * Combines without a buffer.
     *
     * @throws DmaBufException INCOMPATIBLE or TOO_COMPLEX
     */
    DmaConstraints merge(List<Member> members) {
        return precedents.merge(members);
    }

    /** Returns whether an allocator left since: what was decided about it is no longer worth anything. */
    boolean isStale() {
        return entries.stream().anyMatch(AllocatorEntry::hasLeft);
    }

    /** Returns the allocators of these ids, in the order of the ids. */
    List<AllocatorEntry> named(List<String> ids) {
        return ids.stream().flatMap(id -> Stream.ofNullable(byId.get(id))).toList();
    }
}
