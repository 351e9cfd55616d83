// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferState;
import dmabuf.api.DmaConstraints;
import dmabuf.api.HoldingInfo;
import dmabuf.api.HoldingKind;
import dmabuf.api.LatePolicy;
import dmabuf.api.OwnerInfo;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.shell.view.LeakView;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DifferenceTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    private static BufferInfo buffer(long id, String name, Optional<String> allocator) {
        return new BufferInfo(
                id, name, "app", 4096, allocator.isPresent() ? 4096 : 0, Set.of(), false, LatePolicy.MOVE,
                allocator.isPresent() ? BufferState.BACKED : BufferState.DEFERRED, 1, 0, 0, List.of(), List.of(),
                DmaConstraints.NEUTRAL, allocator, List.of(), 0, false, List.of(), Optional.empty());
    }

    private static HoldingInfo handle(long id, String name, Instant since) {
        return new HoldingInfo(
                HoldingKind.REFERENCE, "app", id, name, Optional.empty(), Optional.of(since), List.of());
    }

    private static OwnerInfo owner(int buffers, long byteSize) {
        return new OwnerInfo(
                "app", false, buffers, Map.of(), List.of(new OwnerInfo.Pool("pool", byteSize, 1)), List.of());
    }

    private static AllocatorInfo allocator(long live) {
        return new AllocatorInfo(
                "pool", 1, "pool", "pool", "b", Optional.empty(), OptionalInt.empty(), false,
                Optional.of(new AllocatorStatistics(live, live * 4096, 0, 0, 0, 0, 0)), Map.of());
    }

    private static Snapshot snapshot(List<BufferInfo> buffers, List<HoldingInfo> holdings, OwnerInfo owner, long live) {
        return new Snapshot(NOON, buffers, holdings, List.of(owner), List.of(allocator(live)));
    }

    @Test
    void whatCameWentAndGrewIsToldLineByLine() {
        Snapshot before = snapshot(
                List.of(buffer(1, "a", Optional.empty()), buffer(2, "b", Optional.empty())),
                List.of(handle(1, "a", NOON), handle(2, "b", NOON), handle(2, "b", NOON)), owner(2, 0), 0);
        Snapshot after = snapshot(
                List.of(buffer(1, "a", Optional.of("pool")), buffer(3, "c", Optional.empty())),
                List.of(handle(1, "a", NOON), handle(2, "b", NOON), handle(3, "c", NOON.plusSeconds(1))), owner(2, 4096), 1);
        assertThat(LeakView.changes(Difference.between(before, after))).isEqualTo(
                """
                ~ buffer a#1: state deferred -> backed, storage 0 -> 4K, allocator none -> pool
                - buffer b#2: owner app, size 4K, state deferred, storage 0, allocator none
                + buffer c#3: owner app, size 4K, state deferred, storage 0, allocator none
                - reference b#2: owner app, since 2026-11-21T12:00:00Z
                + reference c#3: owner app, since 2026-11-21T12:00:01Z
                ~ owner app: memory 0 -> 4K
                ~ allocator pool: live 0 -> 1, used 0 -> 4K
                """);
        assertThat(LeakView.changes(Difference.between(after, after))).isEqualTo("nothing has changed\n");
    }

    @Test
    void aFigureThatIsNoLongerToldIsAChange() {
        Snapshot before = snapshot(List.of(), List.of(), owner(0, 0), 1);
        AllocatorInfo silent = new AllocatorInfo(
                "pool", 1, "pool", "pool", "b", Optional.empty(), OptionalInt.empty(), false, Optional.empty(), Map.of());
        Snapshot after = new Snapshot(NOON, List.of(), List.of(), before.owners(), List.of(silent));
        assertThat(LeakView.changes(Difference.between(before, after)))
                .isEqualTo("~ allocator pool: live 1 -> none, used 4K -> none, failed 0 -> none\n");
        assertThat(LeakView.changes(Difference.between(after, before)))
                .isEqualTo("~ allocator pool: live none -> 1, used none -> 4K, failed none -> 0\n");
    }

    @Test
    void ofTooManySnapshotsTheOldestGoes() {
        Snapshots snapshots = new Snapshots();
        Snapshot any = snapshot(List.of(), List.of(), owner(0, 0), 0);
        for (int i = 0; i < Snapshots.MOST; i++) {
            snapshots.keep("s" + i, any);
        }
        snapshots.keep("s0", any);
        snapshots.keep("new", any);
        assertThat(snapshots.names()).hasSize(Snapshots.MOST).contains("s0", "new").doesNotContain("s1");
        assertThatThrownBy(() -> snapshots.of("s1")).hasMessageStartingWith("no snapshot has the name s1: ");
        assertThat(snapshots.of("new")).isSameAs(any);
    }
}
