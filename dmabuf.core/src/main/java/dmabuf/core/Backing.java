// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AddressKnowledge;
import dmabuf.api.Attempt;
import dmabuf.api.Blame;
import dmabuf.api.DmaBufException;
import dmabuf.api.Explanation;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.MemoryService;
import dmabuf.core.negotiation.Outcome;
import dmabuf.core.negotiation.Verification;
import dmabuf.core.quota.Charge;
import dmabuf.core.quota.Quotas;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Asks the candidates for storage, one after the other, and verifies what they return. Nothing is left of a failure. */
final class Backing {
    /** What a lack of room is told as when every allocator lacked it, the first of these that one of them answered. */
    private static final List<Reason> MEMORY = List.of(Reason.QUOTA, Reason.FRAGMENTED, Reason.OUT_OF_MEMORY);

    /** How often one allocator is asked for the same, while others put away what was just given back for it. */
    private static final int MAX_TRIES = 16;

    private final MemoryService memory;
    private final Cap cap;
    private final Quotas quotas;
    private final Claims claims;
    private final Shelf shelf;

    Backing(MemoryService memory, Cap cap, Quotas quotas, Claims claims, Shelf shelf) {
        this.memory = memory;
        this.cap = cap;
        this.quotas = quotas;
        this.claims = claims;
        this.shelf = shelf;
    }

    /**
     * Storage, and how it was found.
     *
     * @param storage the storage, which is the caller's to give back
     * @param attempts what every allocator answered, in the order of selection
     */
    record Found(Storage storage, List<Attempt> attempts) {}

    /**
     * Storage for several buffers that are alike, and how it was found.
     *
     * @param storages the storages, of one allocator, which are the caller's to give back
     * @param attempts what every allocator answered, in the order of selection
     */
    record Several(List<Storage> storages, List<Attempt> attempts) {}

    private sealed interface Result {
        record Accepted(Storage storage) implements Result {}

        record Failed(Reason reason, String text) implements Result {}
    }

    /**
     * Returns storage for devices that agreed.
     *
     * @param compaction makes room in an allocator that is fragmented; false when that changed nothing
     * @throws DmaBufException QUOTA, OUT_OF_MEMORY, FRAGMENTED, TIMED_OUT or NO_ALLOCATOR, with the reason of each allocator
     */
    Found find(Want want, Outcome.Agreed agreed, Presence presence, Predicate<AllocatorEntry> compaction) {
        Several found = find(1, want, agreed, presence, compaction);
        return new Found(found.storages().getFirst(), found.attempts());
    }

    /** Returns as many storages as are asked for, all of one allocator; otherwise as the other one. */
    Several find(
            int count, Want want, Outcome.Agreed agreed, Presence presence, Predicate<AllocatorEntry> compaction) {
        List<Attempt> asked = new ArrayList<>();
        for (AllocatorEntry candidate : presence.named(agreed.candidates())) {
            List<Storage> storages = new ArrayList<>();
            Optional<Result.Failed> failure =
                    fill(storages, count, () -> ask(candidate, want, agreed, presence, compaction));
            asked.add(attempt(candidate, storages, failure));
            if (failure.isEmpty()) {
                return new Several(storages, record(asked, agreed, presence.entries()));
            }
        }
        throw new DmaBufException(explain(want, asked, record(asked, agreed, presence.entries())));
    }

    /** Asks for one after the other; the first failure undoes all. */
    private static Optional<Result.Failed> fill(List<Storage> storages, int count, Supplier<Result> question) {
        boolean kept = false;
        try {
            Optional<Result.Failed> failure = Optional.empty();
            while (failure.isEmpty() && storages.size() < count) {
                switch (question.get()) {
                    case Result.Accepted(Storage storage) -> storages.add(storage);
                    case Result.Failed failed -> failure = Optional.of(failed);
                }
            }
            kept = failure.isEmpty();
            return failure;
        } finally {
            if (!kept) {
                Storage.giveBack(storages);
            }
        }
    }

    private static Attempt attempt(AllocatorEntry candidate, List<Storage> storages, Optional<Result.Failed> failure) {
        int given = storages.size();
        return failure.map(failed -> new Attempt(
                        candidate.id(), true, Optional.of(failed.reason()),
                        given == 0 ? failed.text() : "gave " + given + " of these, but then: " + failed.text()))
                .orElseGet(() -> new Attempt(
                        candidate.id(), true, Optional.empty(),
                        "gave " + (given == 1 ? "" : given + " times ") + storages.getFirst().layout()));
    }

    /** Asks once more after a compaction. */
    private Result ask(
            AllocatorEntry candidate, Want want, Outcome.Agreed agreed, Presence presence,
            Predicate<AllocatorEntry> compaction) {
        Result result = askWithRoom(candidate, want, agreed, presence);
        return result instanceof Result.Failed(Reason reason, _)
                        && reason == Reason.FRAGMENTED
                        && compaction.test(candidate)
                ? askWithRoom(candidate, want, agreed, presence)
                : result;
    }

    /** Asks again while what is kept for later buffers gives way to it. */
    private Result askWithRoom(AllocatorEntry candidate, Want want, Outcome.Agreed agreed, Presence presence) {
        for (int tries = 1; ; tries++) {
            long before = shelf.returns();
            Result result = ask(candidate, want, agreed, presence);
            if (!(result instanceof Result.Failed(Reason reason, _))
                    || !MEMORY.contains(reason)
                    || tries == MAX_TRIES
                    || !shelf.relieve(want.owner(), candidate, before)) {
                return result;
            }
        }
    }

    private Result ask(AllocatorEntry candidate, Want want, Outcome.Agreed agreed, Presence presence) {
        Charge charge = quotas.open(want.owner(), candidate.id(), want.replaced());
        Resources resources = new Resources(memory, new Budget(cap, charge), claims);
        Question question = new Question(want, agreed, resources);
        Optional<Allocation> refused = Optional.empty();
        boolean accepted = false;
        try {
            Reply<Allocation> reply = candidate.allocate(question, late -> giveBack(candidate, late));
            question.end();
            refused = reply.given();
            Result result = switch (reply) {
                case Reply.Given<Allocation>(Allocation given) ->
                    judge(candidate, given, want, agreed, presence, resources);
                case Reply.Thrown<Allocation>(var refusal, String text) ->
                    new Result.Failed(refusal.map(Explanation::reason).orElse(Reason.NO_ALLOCATOR), text);
                case Reply.Late<Allocation>(String text) -> new Result.Failed(Reason.TIMED_OUT, text);
            };
            accepted = result instanceof Result.Accepted;
            return result;
        } finally {
            if (!accepted) {
                giveBack(candidate, refused, resources);
            }
        }
    }

    /** Its own first; what the core gave to the request comes back in any case. */
    private void giveBack(AllocatorEntry candidate, Optional<Allocation> refused, Resources resources) {
        try {
            resources.unclaim();
            refused.ifPresent(given -> giveBack(candidate, given));
        } finally {
            resources.close();
        }
    }

    /** Verifies an allocation: an allocator that lies has failed. */
    private Result judge(
            AllocatorEntry candidate, Allocation given, Want want, Outcome.Agreed agreed, Presence presence,
            Resources resources) {
        try {
            return stranger(given)
                    .or(() -> Verification.allocation(given, want.demand(), agreed.participants(), presence))
                    .or(() -> tooSmall(given, want))
                    .or(() -> conflict(given, resources))
                    .<Result>map(complaint -> new Result.Failed(blame(given), complaint))
                    .orElseGet(() -> new Result.Accepted(new Storage(
                            candidate, given, resources, Proof.of(agreed, want.demand(), presence))));
        } catch (DmaBufException e) {
            return new Result.Failed(e.reason(), e.explanation().text());
        }
    }

    /** What is wrong with stated addresses is a lie; what a promise leaves open is told apart from that. */
    private static Reason blame(Allocation given) {
        return given.promise().isPresent() ? Reason.INCOMPATIBLE : Reason.INVALID;
    }

    /** Storage outlives its allocator, so memory of a class of somebody else would not do, whatever it says of itself. */
    private Optional<String> stranger(Allocation given) {
        return memory.owns(given.memory())
                ? Optional.empty()
                : Optional.of("its memory is closed, or does not come from the memory service");
    }

    private static Optional<String> tooSmall(Allocation given, Want want) {
        long actual = given.memory().byteSize();
        return Long.compareUnsigned(actual, want.demand().storageSize()) >= 0
                ? Optional.empty()
                : Optional.of("memory too small: expected=" + want.demand().storageSize() + ", actual=" + actual);
    }

    private static Optional<String> conflict(Allocation given, Resources resources) {
        if (!resources.adopt(given.memory())) {
            return Optional.of("its memory is that of other live storage");
        }
        // Real addresses are given out by the kernel, once; those of the model by us.
        List<Segment> modelled = given.knowledge() == AddressKnowledge.MODEL ? given.segments() : List.of();
        return resources.settle(modelled).map(overlap -> "overlaps live storage at " + overlap);
    }

    /** What nobody wants or waits for: the allocator gets it back, and memory that it brought itself is closed. */
    private void giveBack(AllocatorEntry allocator, Allocation given) {
        allocator.release(given);
        if (memory.owns(given.memory()) && claims.use(given.memory())) {
            claims.disuse(given.memory());
            given.memory().close();
        }
    }

    /** Returns what is told of storage that is used again: its allocator was not asked, and those before it are none. */
    static List<Attempt> again(Storage storage, Proof proof) {
        Attempt attempt = new Attempt(
                storage.allocator().id(), true, Optional.empty(), "gave " + storage.layout() + ", kept since an earlier buffer");
        return record(List.of(attempt), proof.agreed(), proof.entries());
    }

    /** Puts the answers of all allocators into the order of selection; who was not needed is left out. */
    private static List<Attempt> record(List<Attempt> asked, Outcome.Agreed agreed, List<AllocatorEntry> entries) {
        Map<String, Attempt> byId = Stream.concat(asked.stream(), agreed.passedOver().stream())
                .collect(Collectors.toMap(Attempt::allocator, attempt -> attempt));
        return entries.stream().flatMap(entry -> Stream.ofNullable(byId.get(entry.id()))).toList();
    }

    private static Explanation explain(Want want, List<Attempt> asked, List<Attempt> all) {
        List<Attempt> blamed = asked.isEmpty() ? all : asked;
        String text = "no storage for buffer " + want.name() + ": "
                + (blamed.isEmpty()
                        ? "no allocator is present"
                        : blamed.stream()
                                .map(attempt -> attempt.allocator() + " " + attempt.text())
                                .collect(Collectors.joining("; ")));
        List<Blame> blames =
                blamed.stream().map(attempt -> Blame.of(attempt.allocator())).toList();
        return Explanation.of(verdict(asked), text, blames).withAttempts(all);
    }

    private static Reason verdict(List<Attempt> asked) {
        List<Reason> reasons =
                asked.stream().flatMap(attempt -> attempt.failure().stream()).toList();
        if (reasons.isEmpty()) {
            return Reason.NO_ALLOCATOR;
        }
        if (MEMORY.containsAll(reasons)) {
            return MEMORY.stream().filter(reasons::contains).findFirst().orElseThrow();
        }
        return reasons.stream().allMatch(reason -> reason == Reason.TIMED_OUT) ? Reason.TIMED_OUT : Reason.NO_ALLOCATOR;
    }
}
