// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Attachment;
import dmabuf.api.Blame;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Explanation;
import dmabuf.api.Reason;
import dmabuf.api.spi.Participant;
import dmabuf.core.negotiation.Member;
import dmabuf.core.negotiation.Negotiation;
import dmabuf.core.negotiation.Outcome;
import dmabuf.core.negotiation.Verification;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** One attach, from the first test to the commit; nothing of the buffer changes before. Runs under the buffer's lock. */
final class AttachTransaction {
    private final Core core;
    private final Buffer buffer;
    private final Owner owner;
    private final Newcomers newcomers;
    private final Runnable check;

    /** What the policies have judged; empty while there are none. */
    private Set<Participant> judged = Set.of();

    private boolean vacated;

    AttachTransaction(Core core, Buffer buffer, Owner owner, List<DeviceEntry> devices, Runnable check) {
        this(core, buffer, owner, Newcomers.of(devices), check);
    }

    private AttachTransaction(Core core, Buffer buffer, Owner owner, Newcomers newcomers, Runnable check) {
        this.core = core;
        this.buffer = buffer;
        this.owner = owner;
        this.newcomers = newcomers;
        this.check = check;
    }

    /** Prepares to attach devices to a buffer of a set: as the policies left them when they attached to its pattern. */
    static AttachTransaction like(Buffer buffer, Owner owner, List<DeviceAttachment> models, Runnable check) {
        return new AttachTransaction(buffer.core(), buffer, owner, Newcomers.like(models), check);
    }

    /** Joins the storage as it lies; empty, and nothing changed, when it does not suit. */
    Optional<List<DeviceAttachment>> joinAsItLies() {
        if (firstMember().isPresent()) {
            return Optional.empty(); // somebody who opened the buffer by its id attached it
        }
        return core.decide(false, presence -> buffer.phase() instanceof Phase.Backed(Storage storage, _)
                ? join(storage, presence).map(this::commit)
                : Optional.empty());
    }

    /** Attaches to storage that was chosen for these devices. */
    List<DeviceAttachment> adopt(Outcome.Agreed agreed) {
        return commit(agreed);
    }

    List<Attachment> run() {
        while (true) {
            buffer.lock().awaitNotVacating(false, buffer);
            check.run();
            refuseMembers();
            Optional<List<Attachment>> attached =
                    core.decide(buffer.request().waitsForAllocator(), this::attach);
            if (attached.isPresent()) {
                return attached.get();
            }
        }
    }

    /** Negotiates and commits; empty when the lock was free meanwhile and all must be asked again. */
    private Optional<List<Attachment>> attach(Presence presence) {
        Outcome.Agreed agreed = negotiate(presence);
        return switch (buffer.phase()) {
            case Phase.Deferred _ -> Optional.of(List.copyOf(commit(agreed)));
            case Phase.Released _ -> throw Storing.released(buffer);
            case Phase.Backed(Storage storage, _) -> late(storage, agreed, presence);
        };
    }

    /** Returns one that is a member already. */
    private Optional<String> firstMember() {
        for (DeviceAttachment member : buffer.members().attachments()) {
            if (newcomers.find(member.device()) != null) {
                return Optional.of(member.device());
            }
        }
        return Optional.empty();
    }

    private void refuseMembers() {
        Optional<String> member = firstMember();
        if (member.isPresent()) {
            throw alreadyMember(buffer, member.get());
        }
    }

    static IllegalStateException alreadyMember(Buffer buffer, String device) {
        return new IllegalStateException(
                "device " + device + " is attached to buffer " + buffer.want().name() + " already");
    }

    /** Negotiates until every policy has judged every newcomer on the way that is chosen for it. */
    private Outcome.Agreed negotiate(Presence presence) {
        while (true) {
            Outcome.Agreed agreed = Storing.agreed(presence.negotiate(
                    newcomers.with(buffer.members().attachments()), buffer.want().demand()));
            if (core.policies().isEmpty() || !narrow(agreed)) {
                return agreed;
            }
        }
    }

    /** Asks the policies about newcomers that they have not judged; answers whether one was narrowed. */
    private boolean narrow(Outcome.Agreed agreed) {
        boolean narrowed = false;
        judged = judged.isEmpty() ? new HashSet<>() : judged;
        for (Participant chosen : agreed.participants()) {
            Member member = newcomers.find(chosen.device());
            if (member != null && judged.add(chosen)) {
                DmaPath path = narrowed(chosen, core.policies().judge(chosen, BufferPicture.of(buffer)));
                if (!path.equals(chosen.path())) {
                    newcomers.replace(replaced(member, chosen.path(), path));
                    judged.add(new Participant(member.name(), path));
                    narrowed = true;
                }
            }
        }
        return narrowed;
    }

    private DmaPath narrowed(Participant chosen, DmaConstraints narrowing) {
        try {
            return chosen.path().withConstraints(chosen.path().constraints().combine(narrowing));
        } catch (DmaBufException e) {
            throw new DmaBufException(Explanation.of(
                    Reason.INCOMPATIBLE,
                    "an attach policy leaves nothing for " + chosen.device() + ": " + e.getMessage(),
                    List.of(Blame.of(chosen.device()))));
        }
    }

    private static Member replaced(Member member, DmaPath before, DmaPath after) {
        return new Member(
                member.name(),
                member.paths().stream().map(path -> path.equals(before) ? after : path).toList(),
                member.parent());
    }

    /** Joins the storage that is there, or moves it; empty when holders let go meanwhile and all must be asked again. */
    private Optional<List<Attachment>> late(Storage storage, Outcome.Agreed agreed, Presence presence) {
        Optional<Outcome.Agreed> joint = join(storage, presence);
        if (joint.isPresent()) {
            return !core.policies().isEmpty() && narrow(joint.get()) ? Optional.empty() : Optional.of(List.copyOf(commit(joint.get())));
        }
        if (!vacate()) {
            return Optional.empty();
        }
        List<DeviceAttachment> added = newcomers.attachments(buffer, owner);
        core.storing().relocate(buffer, storage, agreed, presence, this::lastCheck, () -> join(added, agreed));
        return Optional.of(List.copyOf(finish(added)));
    }

    private Optional<Outcome.Agreed> join(Storage storage, Presence presence) {
        if (storage.allocator().hasLeft()) {
            return Optional.empty();
        }
        List<Member> members = newcomers.joining(buffer.members().attachments());
        return Negotiation.firstSuiting(members, buffer.want().demand(), presence, choice -> suits(storage, choice, presence));
    }

    private boolean suits(Storage storage, Outcome.Agreed choice, Presence presence) {
        boolean seenByCpu = buffer.holders().stream().anyMatch(Holder::isCpu);
        return presence.named(choice.candidates()).stream().anyMatch(entry -> entry.party() == storage.allocator().party())
                && !(choice.constraints().isSecureRequired() && seenByCpu)
                && Verification.allocation(
                                storage.allocation(), buffer.want().demand(), choice.participants(), presence)
                        .isEmpty();
    }

    /** Makes sure that nothing holds the storage; false when it had to wait for that, with the lock free. */
    private boolean vacate() {
        boolean idle = buffer.isIdle();
        try {
            if (vacated && !idle) {
                throw Vacating.busy(buffer, buffer.holders(), "it is held again");
            }
            core.vacating().vacate(buffer);
            vacated = true;
            return idle;
        } catch (DmaBufException e) {
            countEarlyMaps();
            throw e;
        }
    }

    private void countEarlyMaps() {
        for (DeviceAttachment member : buffer.members().attachments()) {
            if (member.isMapped()) {
                member.countEarlyMap();
                core.journal().warnOnce(
                        "early map " + member.device(),
                        "early map: device " + member.device() + " mapped buffer " + buffer.want().name()
                                + " before " + newcomers
                                + " attached, which could not join; name the expected devices when the buffer is created");
            }
        }
    }

    private List<DeviceAttachment> commit(Outcome.Agreed agreed) {
        lastCheck();
        List<DeviceAttachment> added = newcomers.attachments(buffer, owner);
        join(added, agreed);
        return finish(added);
    }

    /** Refuses what left while it was negotiated about; who leaves from now on finds the membership and ends it. */
    private void lastCheck() {
        check.run();
        for (DeviceEntry device : newcomers.devices()) {
            if (!core.devices().isPresent(device)) {
                throw Attaching.gone(device);
            }
        }
    }

    /** Commits, and wakes those who wait for these devices. */
    private void join(List<DeviceAttachment> added, Outcome.Agreed agreed) {
        buffer.members().add(added, agreed);
        core.chronicle().attached(buffer, added);
        if (buffer.laggards().isEmpty()) {
            buffer.expectation().complete();
        }
        buffer.lock().signal();
    }

    private List<DeviceAttachment> finish(List<DeviceAttachment> added) {
        for (DeviceAttachment member : added) {
            if (member.path().constraints().isAccessMaskStatedZero()) {
                core.journal().warnOnce(
                        "access " + member.device(),
                        "device " + member.device() + " states the access mask 0, which counts as all ones");
            }
        }
        return added;
    }
}
