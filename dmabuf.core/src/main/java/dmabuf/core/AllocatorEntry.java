// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.Reason;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.CompactionRequest;
import dmabuf.api.spi.Participant;
import dmabuf.core.negotiation.Answer;
import dmabuf.core.negotiation.Contender;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** A registered allocator: what it states, and guarded calls of it. A changed spec makes another entry of the same party. */
final class AllocatorEntry implements Contender {
    private final AllocatorSpec spec;
    private final Stated newest;
    private final String bundle;
    private final Party<Allocator> party;
    private final ForeignCode foreign;
    private final Map<Participant, Answer> matches;
    private final CompactionGate compactions;

    /** What all entries of one party share. */
    private static final class Stated {
        private volatile AllocatorSpec spec;

        Stated(AllocatorSpec spec) {
            this.spec = spec;
        }
    }

    private AllocatorEntry(
            AllocatorSpec spec, Stated newest, String bundle, Party<Allocator> party,
            ForeignCode foreign, Map<Participant, Answer> matches, CompactionGate compactions) {
        this.spec = spec;
        this.newest = newest;
        this.bundle = bundle;
        this.party = party;
        this.foreign = foreign;
        this.matches = matches;
        this.compactions = compactions;
    }

    static AllocatorEntry of(AllocatorSpec spec, String bundle, Allocator allocator, ForeignCode foreign) {
        Stated newest = new Stated(spec);
        Party<Allocator> party = new Party<>(() -> "allocator " + newest.spec.id(), allocator);
        return new AllocatorEntry(spec, newest, bundle, party, foreign, new ConcurrentHashMap<>(), new CompactionGate());
    }

    /** Puts another spec in force for the registration. */
    AllocatorEntry withSpec(AllocatorSpec value) {
        newest.spec = value;
        return latest();
    }

    /** Returns the registration with the spec that is in force now. */
    AllocatorEntry latest() {
        AllocatorSpec inForce = newest.spec;
        return inForce.equals(spec)
                ? this
                : new AllocatorEntry(inForce, newest, bundle, party, foreign, matches, compactions);
    }

    @Override
    public AllocatorSpec spec() {
        return spec;
    }

    String id() {
        return spec.id();
    }

    String bundle() {
        return bundle;
    }

    Party<Allocator> party() {
        return party;
    }

    CompactionGate compactions() {
        return compactions;
    }

    boolean hasLeft() {
        return party.hasLeft();
    }

    /** Remembers a plain yes or no for the life of the registration, as the SPI permits; a failure is asked again. */
    @Override
    public Answer match(Participant device) {
        Answer known = matches.get(device);
        return known != null ? known : ask(device);
    }

    private Answer ask(Participant device) {
        return switch (foreign.ask(party, allocator -> allocator.match(device))) {
            case Reply.Given<Boolean>(Boolean accepted) -> remember(device, accepted);
            case Reply.Thrown<Boolean>(_, String text) -> new Answer.Failed(device, Reason.NO_ALLOCATOR, text);
            case Reply.Late<Boolean>(String text) -> new Answer.Failed(device, Reason.TIMED_OUT, text);
        };
    }

    /** Returns whether it serves a device, as far as a listing may ask: foreign code that lists hears what is known. */
    boolean accepts(Participant device) {
        Optional<Answer> answer = ForeignCode.isInside()
                ? Optional.ofNullable(matches.get(device))
                : Optional.of(match(device));
        return answer.filter(Answer.Accepted.class::isInstance).isPresent();
    }

    private Answer remember(Participant device, boolean accepted) {
        Answer answer = accepted
                ? new Answer.Accepted()
                : new Answer.Declined(device, Reason.NO_ALLOCATOR, "does not match " + device.device());
        matches.put(device, answer);
        return answer;
    }

    /** Forgets what was answered for a device that left. */
    void forget(String device) {
        matches.keySet().removeIf(participant -> participant.device().equals(device));
    }

    Reply<Allocation> allocate(AllocationRequest request, Consumer<Allocation> late) {
        return foreign.ask(party, allocator -> allocator.allocate(request), late);
    }

    /** Gives storage back; to nobody, once the allocator left. */
    void release(Allocation allocation) {
        foreign.tell(party, allocator -> allocator.release(allocation));
    }

    /** Lets it move storage; what it moved is known to the request, however the call ends. */
    void compact(CompactionRequest request) {
        foreign.ask(party, allocator -> {
            allocator.compact(request);
            return true;
        });
    }

    AllocatorInfo info(boolean standby) {
        boolean silent = ForeignCode.isInside();
        return new AllocatorInfo(
                spec.id(), spec.priority(), spec.type(), spec.name(), bundle, spec.pool(), spec.bit(), standby,
                silent ? Optional.empty() : foreign.ask(party, Allocator::statistics).given(),
                silent ? Map.of() : describe());
    }

    private Map<String, String> describe() {
        Reply<Map<String, String>> reply =
                foreign.ask(party, allocator -> Collections.unmodifiableMap(new LinkedHashMap<>(allocator.describe())));
        return switch (reply) {
            case Reply.Given<Map<String, String>>(Map<String, String> lines) -> lines;
            case Reply.Thrown<Map<String, String>>(_, String text) -> Map.of("description", text);
            case Reply.Late<Map<String, String>>(String text) -> Map.of("description", text);
        };
    }

    /** Returns what messages call it. */
    @Override
    public String toString() {
        return spec.id() + " of bundle " + bundle;
    }
}
