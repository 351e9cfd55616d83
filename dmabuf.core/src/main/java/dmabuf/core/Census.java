// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.HoldingInfo;
import dmabuf.api.HoldingKind;
import dmabuf.api.OwnerInfo;
import dmabuf.api.Quantity;
import dmabuf.core.quota.Payer;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Counts who holds what, from the lists of the buffers, without their locks: each buffer as it was committed last. */
final class Census {
    private final Core core;
    private final IdentityHashMap<Payer, Count> counts = new IdentityHashMap<>();

    /** What one owner holds. */
    private static final class Count {
        private final Map<HoldingKind, Integer> held = new EnumMap<>(HoldingKind.class);
        private int buffers;
    }

    private Census(Core core) {
        this.core = core;
    }

    /** Returns everybody who holds something or is charged for something. */
    static List<OwnerInfo> owners(Core core) {
        Census census = new Census(core);
        core.sets().buffers().forEach(census::count);
        core.quotas().payers().forEach(census::of);
        return census.counts.entrySet().stream()
                .map(entry -> census.picture(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparing(OwnerInfo::name).thenComparing(OwnerInfo::stopped))
                .toList();
    }

    private void count(Buffer buffer) {
        of(buffer.creator()).buffers++;
        held(buffer).forEach(each -> of(each.owner()).held.merge(each.kind(), 1, Integer::sum));
    }

    private Count of(Payer owner) {
        return counts.computeIfAbsent(owner, _ -> new Count());
    }

    private OwnerInfo picture(Payer owner, Count count) {
        Map<String, Long> kept = core.shelf().byAllocator(owner);
        List<OwnerInfo.Pool> pools = core.quotas().pools(owner).entrySet().stream()
                .map(pool -> new OwnerInfo.Pool(
                        pool.getKey(), pool.getValue().byteSize(), pool.getValue().descriptors(),
                        kept.getOrDefault(pool.getKey(), 0L)))
                .toList();
        return new OwnerInfo(owner.name(), owner.isGone(), count.buffers, count.held, pools, core.quotas().of(owner));
    }

    /** Returns the picture of an allocator, and in it what of its storage is kept: it counts that as used. */
    static AllocatorInfo allocator(Core core, AllocatorEntry entry) {
        AllocatorInfo info = entry.info(false);
        Long kept = core.shelf().byAllocator().get(entry.id());
        if (kept == null) {
            return info;
        }
        Map<String, String> lines = new LinkedHashMap<>(info.description());
        lines.put("kept", Quantity.format(kept) + " of what is used, for the next buffers");
        return new AllocatorInfo(
                info.id(), info.priority(), info.type(), info.name(), info.bundle(), info.pool(), info.bit(),
                info.standby(), info.statistics(), Collections.unmodifiableMap(lines));
    }

    /** Returns all that is open. */
    static List<HoldingInfo> holdings(Core core) {
        return core.sets().buffers().stream()
                .flatMap(buffer -> held(buffer).map(each -> new HoldingInfo(
                        each.kind(), each.owner().name(), buffer.id(), buffer.want().name(), each.concerned(),
                        each.trace().since(), each.trace().site())))
                .toList();
    }

    private static Stream<Held> held(Buffer buffer) {
        Stream<Held> members =
                Stream.concat(buffer.references().stream(), buffer.members().attachments().stream());
        return Stream.concat(members, buffer.holders().stream().filter(holder -> !holder.isOver()));
    }
}
