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
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One attach, from the first test to the commit; nothing of the buffer changes before. Runs under the buffer's lock. */
final class AttachTransaction {
    private final Core core;
    private final Buffer buffer;
    private final Owner owner;
    private final List<DeviceEntry> devices;
    private final Runnable check;
    private final Map<String, Member> newcomers = new LinkedHashMap<>();
    private final Set<Participant> judged = new HashSet<>();
    private boolean vacated;

    AttachTransaction(Core core, Buffer buffer, Owner owner, List<DeviceEntry> devices, Runnable check) {
        this.core = core;
        this.buffer = buffer;
        this.owner = owner;
        this.devices = devices;
        this.check = check;
        devices.forEach(device -> newcomers.put(device.name(), device.member()));
    }

    /** Prepares to attach devices to a buffer of a set: as the policies left them when they attached to its pattern. */
    static AttachTransaction like(Buffer buffer, Owner owner, List<DeviceAttachment> models, Runnable check) {
        List<DeviceEntry> entries = models.stream().map(DeviceAttachment::entry).toList();
        AttachTransaction made = new AttachTransaction(buffer.core(), buffer, owner, entries, check);
        models.forEach(model -> made.newcomers.put(model.device(), model.member()));
        return made;
    }

    /** Joins the storage as it lies; empty, and nothing changed, when it does not suit. */
    Optional<List<DeviceAttachment>> joinAsItLies() {
        if (newcomers.keySet().stream().anyMatch(buffer.members()::has)) {
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

    private void refuseMembers() {
        for (DeviceAttachment member : buffer.members().attachments()) {
            if (newcomers.containsKey(member.device())) {
                throw alreadyMember(buffer, member.device());
            }
        }
    }

    static IllegalStateException alreadyMember(Buffer buffer, String device) {
        return new IllegalStateException(
                "device " + device + " is attached to buffer " + buffer.want().name() + " already");
    }

    /** Negotiates until every policy has judged every newcomer on the way that is chosen for it. */
    private Outcome.Agreed negotiate(Presence presence) {
        while (true) {
            List<Member> members = new ArrayList<>(buffer.members().free());
            members.addAll(newcomers.values());
            members.sort(Member.BY_NAME);
            Outcome.Agreed agreed = Storing.agreed(presence.negotiate(members, buffer.want().demand()));
            if (!narrow(agreed)) {
                return agreed;
            }
        }
    }

    /** Asks the policies about newcomers that they have not judged; answers whether one was narrowed. */
    private boolean narrow(Outcome.Agreed agreed) {
        boolean narrowed = false;
        for (Participant chosen : agreed.participants()) {
            Member member = newcomers.get(chosen.device());
            if (member != null && judged.add(chosen) && !core.policies().isEmpty()) {
                DmaPath path = narrowed(chosen, core.policies().judge(chosen, BufferPicture.of(buffer)));
                if (!path.equals(chosen.path())) {
                    newcomers.put(member.name(), replaced(member, chosen.path(), path));
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
            return narrow(joint.get()) ? Optional.empty() : Optional.of(List.copyOf(commit(joint.get())));
        }
        if (!vacate()) {
            return Optional.empty();
        }
        List<DeviceAttachment> added = memberships();
        core.storing().relocate(buffer, storage, agreed, presence, this::lastCheck, () -> join(added, agreed));
        return Optional.of(List.copyOf(finish(added)));
    }

    private Optional<Outcome.Agreed> join(Storage storage, Presence presence) {
        if (storage.allocator().hasLeft()) {
            return Optional.empty();
        }
        List<Member> members = new ArrayList<>(newcomers.values());
        buffer.members().attachments().forEach(member -> members.add(member.isMapped() ? member.settled() : member.member()));
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
                                + " before " + String.join(", ", newcomers.keySet())
                                + " attached, which could not join; name the expected devices when the buffer is created");
            }
        }
    }

    private List<DeviceAttachment> commit(Outcome.Agreed agreed) {
        lastCheck();
        List<DeviceAttachment> added = memberships();
        join(added, agreed);
        return finish(added);
    }

    /** Refuses what left while it was negotiated about; who leaves from now on finds the membership and ends it. */
    private void lastCheck() {
        check.run();
        for (DeviceEntry device : devices) {
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

    private List<DeviceAttachment> memberships() {
        return devices.stream()
                .map(device -> new DeviceAttachment(buffer, owner, device, newcomers.getOrDefault(device.name(), device.member())))
                .toList();
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
