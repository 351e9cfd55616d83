// SPDX-License-Identifier: Apache-2.0
package checkers;

import dmabuf.core.AllocatorsStress;
import dmabuf.core.CapStress;
import dmabuf.core.CompletionStress;
import dmabuf.core.FreeListStress;
import dmabuf.core.OwnerStress;
import dmabuf.core.PartyStress;
import dmabuf.core.QuotaStress;

/** Where one thread publishes what others read without a lock, and the twin that does it wrong. */
enum Point {
    PARTY_LEAVES(PartyStress.Leaves.class,
            "dmabuf.core/src/main/java/dmabuf/core/Party.java",
            "return service.getAndSet(null) != null;",
            "boolean there = service.get() != null; service.set(null); return there;"),
    PARTY_IS_SEEN_TO_LEAVE(PartyStress.IsSeen.class,
            "dmabuf.core/src/main/java/dmabuf/core/Party.java",
            "return service.get() == null;",
            "return service.getPlain() == null;"),
    OWNER_LEAVES(OwnerStress.class,
            "dmabuf.core/src/main/java/dmabuf/core/Owner.java",
            "private volatile boolean gone;",
            "private boolean gone;"),
    CAP_IS_TAKEN(CapStress.class,
            "dmabuf.core/src/main/java/dmabuf/core/Cap.java",
            "} while (!used.compareAndSet(before, before + byteSize));",
            "used.set(before + byteSize); } while (false);"),
    QUOTA_IS_TAKEN(QuotaStress.class,
            "dmabuf.core/src/main/java/dmabuf/core/quota/Quotas.java",
            "synchronized void take(Charge charge, Amount more)",
            "void take(Charge charge, Amount more)"),
    ALLOCATOR_TAKES_OVER(AllocatorsStress.class,
            "dmabuf.core/src/main/java/dmabuf/core/Allocators.java",
            "Snapshot before = snapshot;",
            "Snapshot before = snapshot; snapshot = new Snapshot(List.of(), List.copyOf(standby));"),
    BUFFER_OF_A_SET_IS_TAKEN(FreeListStress.class,
            "dmabuf.core/src/main/java/dmabuf/core/FreeList.java",
            "if (head.compareAndSet(seen, changed(seen, below.getOpaque(top - 1)))) {",
            "head.set(changed(seen, below.getOpaque(top - 1))); if (top != NONE) {"),
    FENCE_ENDS_ONCE(CompletionStress.EndsOnce.class,
            "dmabuf.core/src/main/java/dmabuf/core/Completion.java",
            "if (state.compareAndSet(before, after)) {",
            "state.set(after); if (before != after) {"),
    FENCE_TELLS(CompletionStress.Tells.class,
            "dmabuf.core/src/main/java/dmabuf/core/Completion.java",
            "if (replace(pending -> pending.withActions(with(pending.actions(), action))).isEmpty()) {",
            "boolean late = isDone(); replace(pending -> pending.withActions(with(pending.actions(), action))); if (late) {"),
    FENCE_HAS_ITS_ERROR(CompletionStress.HasItsError.class,
            "dmabuf.core/src/main/java/dmabuf/core/Completion.java",
            "return now() instanceof Failed(Explanation error) ? Optional.of(error) : Optional.empty();",
            "return done.getCount() == 0 && now() instanceof Failed(Explanation error) ? Optional.of(error) : Optional.empty();");

    /** The test, for jcstress. */
    final Class<?> test;

    private final String source;
    private final String sound;
    private final String broken;

    Point(Class<?> test, String source, String sound, String broken) {
        this.test = test;
        this.source = source;
        this.sound = sound;
        this.broken = broken;
    }

    Twin twin() {
        return new Twin(source, sound, broken);
    }
}
