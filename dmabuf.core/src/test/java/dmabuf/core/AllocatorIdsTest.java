// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.Attachment;
import dmabuf.api.CpuMode;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorSpec;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Ids that change while they are in use: who has one keeps it, and storage belongs to who gave it, whatever it is called. */
class AllocatorIdsTest {
    private static final long LOW = 0x1000_0000L;
    private static final long HIGH = 0x2000_0000L;

    private final Bench bench = new Bench().devices("cam", "codec");
    private final PoolAllocator low = new PoolAllocator(LOW, 16 * Bench.MIB);
    private final PoolAllocator high = new PoolAllocator(HIGH, 16 * Bench.MIB);

    @AfterEach
    void nothingIsLeft() {
        bench.close();
    }

    @Test
    void whoHasAnIdKeepsItWhenAnEarlierOneChangesToIt() {
        Party<Allocator> first = add("first", 9, low);
        Party<Allocator> second = add("second", 1, high);

        Optional<DmaBufException> obstacle = rename(first, "second", 9);

        assertThat(obstacle).hasValueSatisfying(refusal -> assertThat(refusal)
                .hasMessage("allocator id second of bundle low is taken by bundle high: it stands by until that leaves"));
        assertThat(ids(false)).containsExactly("second");
        assertThat(served()).isEqualTo(HIGH);
        bench.sandbox.core().arrivals().removeAllocator(second);
        assertThat(served()).isEqualTo(LOW);
        assertThat(ids(true)).isEmpty();
    }

    @Test
    void whoStandsByTakesAnIdThatIsGivenUp() {
        Party<Allocator> holder = add("id", 1, low);
        add("id", 9, high);
        assertThat(ids(true)).containsExactly("id");

        assertThat(rename(holder, "other", 1)).isEmpty();

        assertThat(ids(false)).containsExactly("id", "other");
        assertThat(served()).isEqualTo(HIGH);
    }

    @Test
    void aChangedPriorityIsNoChangeOfTheHolder() {
        Party<Allocator> holder = add("id", 1, low);
        add("id", 9, high);
        assertThat(rename(holder, "id", 5)).isEmpty();
        assertThat(served()).isEqualTo(LOW);
    }

    @Test
    void storageIsListedUnderThePresentIdAndCanBeJoined() {
        Party<Allocator> party = add("old", 1, low);
        try (DmaBuf frame = bench.buffer(4096);
                Attachment cam = frame.attach("cam");
                Mapping mapping = cam.map(Direction.TO_DEVICE)) {
            rename(party, "new", 1);
            assertThat(mapping.allocator()).isEqualTo("new");
            assertThat(frame.info().allocator()).hasValue("new");
            frame.attach("codec").close();
            assertThat(frame.info().moves()).isZero();
        }
        assertThat(low.statistics().live()).isZero();
    }

    @Test
    void whetherStorageCanBeJoinedSaysItsAllocatorNotWhoHasItsOldId() {
        Party<Allocator> party = add("id", 9, low);
        add("id", 1, high);
        low.accepts = device -> !device.device().equals("codec");
        try (DmaBuf frame = bench.buffer(4096);
                Attachment cam = frame.attach("cam");
                Mapping mapping = cam.map(Direction.TO_DEVICE)) {
            rename(party, "other", 9);
            assertThat(Bench.refusal(() -> frame.attach("codec")).reason()).isEqualTo(Reason.BUSY);
            assertThat(mapping.table().contiguousAddress()).hasValue(LOW);
        }
    }

    private Party<Allocator> add(String id, int priority, PoolAllocator allocator) {
        String bundle = allocator == low ? "low" : "high";
        return bench.sandbox.core().arrivals().addAllocator(AllocatorSpec.of(id, "pool", priority), allocator, bundle).party();
    }

    private Optional<DmaBufException> rename(Party<Allocator> party, String id, int priority) {
        return bench.sandbox.core().arrivals().updateAllocator(party, AllocatorSpec.of(id, "pool", priority));
    }

    private List<String> ids(boolean standby) {
        return bench.exporter.allocators().stream().filter(info -> info.standby() == standby).map(AllocatorInfo::id).toList();
    }

    private long served() {
        try (DmaBuf frame = bench.buffer(4096)) {
            frame.beginCpuAccess(CpuMode.READ).close();
            return frame.info().segments().getFirst().address();
        }
    }
}
