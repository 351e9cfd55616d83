// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Attempt;
import dmabuf.api.Blame;
import dmabuf.api.BufferRequest;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Explanation;
import dmabuf.api.Plan;
import dmabuf.api.Reason;
import dmabuf.api.SgTable;
import dmabuf.api.spi.Participant;
import dmabuf.core.negotiation.Member;
import dmabuf.core.negotiation.Negotiation;
import dmabuf.core.negotiation.Outcome;
import dmabuf.core.negotiation.Relaxation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The dry run: does what a first map would do, allocates for real, and gives everything back. */
final class Planning {
    private final Core core;
    private final BufferRequest request;
    private final Want want;

    Planning(Core core, BufferRequest request, Owner owner) {
        this.core = core;
        this.request = request;
        this.want = Want.of(request.name().orElse("plan"), request, core.memory().pageSize(), owner);
    }

    /** What a run that went through found. */
    private record Layout(
            DmaConstraints constraints, String allocator, Map<String, SgTable> tables, List<Attempt> attempts) {}

    Plan plan(List<String> names) {
        try {
            core.opening().checkFlags(request);
            List<Member> members =
                    names.stream().map(core::resolve).distinct().map(DeviceEntry::member).toList();
            return plan(members.stream().map(Member::name).toList(), members);
        } catch (DmaBufException e) {
            return refused(names, Optional.empty(), e.explanation());
        }
    }

    private Plan plan(List<String> names, List<Member> members) {
        try {
            Layout layout = run(members);
            return new Plan(
                    names, request.byteSize(), Optional.of(layout.constraints()), Optional.of(layout.allocator()),
                    layout.tables(), layout.attempts(), Optional.empty());
        } catch (DmaBufException e) {
            Optional<Blame> change =
                    Relaxation.singleChange(members, e.explanation(), relaxed -> succeeds(relaxed));
            return refused(names, combination(members), e.explanation().withFits(change));
        }
    }

    private Plan refused(List<String> names, Optional<DmaConstraints> constraints, Explanation refusal) {
        return new Plan(
                names, request.byteSize(), constraints, Optional.empty(), Map.of(), refusal.attempts(),
                Optional.of(refusal));
    }

    private Optional<DmaConstraints> combination(List<Member> members) {
        try {
            return Optional.of(core.presence(false).merge(members));
        } catch (DmaBufException _) {
            return Optional.empty();
        }
    }

    private boolean succeeds(List<Member> members) {
        try {
            run(members);
            return true;
        } catch (DmaBufException _) {
            return false;
        }
    }

    private Layout run(List<Member> members) {
        return core.decide(false, presence -> run(members, presence));
    }

    private Layout run(List<Member> members, Presence presence) {
        Outcome.Agreed agreed =
                Storing.agreed(Negotiation.negotiate(members, want.demand(), presence));
        Backing.Found found = core.backing().find(
                want, agreed, presence, entry -> core.compaction().run(entry, List.copyOf(core.buffers())));
        try {
            return new Layout(
                    agreed.constraints(), found.storage().allocator().id(),
                    tables(found.storage(), agreed.participants()), found.attempts());
        } finally {
            found.storage().giveBack();
        }
    }

    private Map<String, SgTable> tables(Storage storage, List<Participant> devices) {
        Map<String, SgTable> tables = new HashMap<>();
        for (Participant device : devices) {
            DeviceView view = DeviceView.open(core, storage, device);
            view.use();
            view.table().ifPresent(table -> tables.put(device.device(), table));
            view.release();
        }
        return tables;
    }
}
