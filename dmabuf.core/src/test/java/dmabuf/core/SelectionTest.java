// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.Attempt;
import dmabuf.api.BufferRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is asked, in which order, and what is kept of the answers. */
class SelectionTest {
    private final Bench bench = new Bench().devices("cam");

    @AfterEach
    void nothingIsLeft() {
        bench.close();
    }

    @Test
    void theOrderIsThePriorityThenTheIdWhateverTheOrderOfArrival() {
        List<String> ids = new ArrayList<>(List.of("a5", "b5", "c1", "d9", "e5", "f-1"));
        for (int round = 0; round < 20; round++) {
            Collections.shuffle(ids, new Random(round));
            try (Bench other = new Bench()) {
                ids.forEach(id -> other.pool(id, Integer.parseInt(id.substring(1)), 0x1000_0000L));
                assertThat(other.exporter.allocators())
                        .extracting(AllocatorInfo::id)
                        .containsExactly("d9", "a5", "b5", "e5", "c1", "f-1");
            }
        }
    }

    @Test
    void explanationsTellTheNamesOfAccessBits() {
        Settings named = Settings.of(Map.of("accessBits", new String[] {"1=SYSTEM", "2=CONTIG"}));
        AllocatorSpec contig = new AllocatorSpec(
                "contig", 0, "t", "contig", Optional.empty(), OptionalInt.of(2), false, false, Set.of());
        try (Bench other = new Bench(named).device("cam", "access=0x2").device("gpu", "access=0x4")) {
            other.sandbox.addAllocator(contig, new PoolAllocator(0, Bench.MIB));
            DmaBuf frame = other.exporter.create(BufferRequest.ofSize(Bench.PAGE));
            assertThat(Bench.refusal(() -> frame.attach("cam")))
                    .hasMessageContaining("contig its bit 2 (CONTIG) is not in the access mask 0x2 (SYSTEM)");
            assertThat(Bench.refusal(() -> frame.attach(List.of("cam", "gpu"))))
                    .hasMessageContaining("cam.mask=0x2 (SYSTEM), gpu.mask=0x4 (CONTIG)");
            assertThat(other.exporter.accessBits().mask("CONTIG")).isEqualTo(4);
        }
    }

    @Test
    void aChangedPrioritySortsAnewAtOnceAndKeepsWhatIsOut() {
        Core core = bench.sandbox.core();
        PoolAllocator first = new PoolAllocator(0x1000_0000L, Bench.MIB);
        Arrivals.Admitted<Allocator> admitted =
                core.arrivals().addAllocator(AllocatorSpec.of("first", "t", 9), first, "bundle.a");
        bench.pool("second", 5, 0x2000_0000L);
        DmaBuf before = mapped();
        core.arrivals().updateAllocator(admitted.party(), AllocatorSpec.of("first", "t", 1));
        DmaBuf after = mapped();
        assertThat(before.info().allocator()).hasValue("first");
        assertThat(before.info().moves()).isZero();
        assertThat(after.info().allocator()).hasValue("second");
        assertThat(first.matches).as("a new priority is no new registration").hasValue(1);
        core.arrivals().removeAllocator(admitted.party());
    }

    @Test
    void anIdThatIsTakenStandsByAndBothBundlesAreNamed() {
        Core core = bench.sandbox.core();
        PoolAllocator pool = new PoolAllocator(0x1000_0000L, Bench.MIB);
        core.arrivals().addAllocator(AllocatorSpec.of("pool", "t", 1), pool, "bundle.a");
        Arrivals.Admitted<Allocator> second =
                core.arrivals().addAllocator(AllocatorSpec.of("pool", "t", 9), pool, "bundle.b");
        assertThat(second.obstacle().orElseThrow()).hasMessage(
                "allocator id pool of bundle bundle.b is taken by bundle bundle.a: it stands by until that leaves");
        core.arrivals().updateAllocator(second.party(), AllocatorSpec.of("other", "t", 9));
        assertThat(bench.exporter.allocators()).extracting(info -> info.id() + " " + info.standby())
                .containsExactly("other false", "pool false");
    }

    @Test
    void theRecordNamesEveryAllocatorInTheOrderOfSelection() {
        PoolAllocator full = bench.pool("full", 9, 0x1000_0000L);
        full.allocating = _ -> {
            throw new DmaBufException(Reason.OUT_OF_MEMORY, "no room");
        };
        bench.pool("blind", 5, 0x2000_0000L).accepts = _ -> false;
        bench.pool("good", 3, 0x3000_0000L);
        bench.pool("spare", 1, 0x4000_0000L);
        List<Attempt> record = mapped().info().lastDecision();
        assertThat(record).extracting(Attempt::allocator).containsExactly("full", "blind", "good");
        assertThat(record).extracting(Attempt::asked).containsExactly(true, false, true);
        assertThat(record.getFirst().text()).isEqualTo("no room");
    }

    @Test
    void theVerdictFollowsFromAllReasons() {
        assertThat(verdict(Reason.OUT_OF_MEMORY, Reason.OUT_OF_MEMORY)).isEqualTo(Reason.OUT_OF_MEMORY);
        assertThat(verdict(Reason.OUT_OF_MEMORY, Reason.FRAGMENTED)).isEqualTo(Reason.FRAGMENTED);
        assertThat(verdict(Reason.TIMED_OUT, Reason.TIMED_OUT)).isEqualTo(Reason.TIMED_OUT);
        assertThat(verdict(Reason.OUT_OF_MEMORY, Reason.TIMED_OUT)).isEqualTo(Reason.NO_ALLOCATOR);
        assertThat(verdict(Reason.FRAGMENTED, Reason.QUOTA)).isEqualTo(Reason.QUOTA);
        assertThat(verdict(Reason.TIMED_OUT, Reason.QUOTA)).isEqualTo(Reason.NO_ALLOCATOR);
    }

    private static Reason verdict(Reason first, Reason second) {
        try (Bench bench = new Bench().devices("cam")) {
            bench.pool("first", 2, 0x1000_0000L).allocating = _ -> {
                throw new DmaBufException(first, "scripted");
            };
            bench.pool("second", 1, 0x2000_0000L).allocating = _ -> {
                throw new DmaBufException(second, "scripted");
            };
            DmaBufException refusal =
                    Bench.refusal(() -> bench.buffer(4096).attach("cam").map(Direction.TO_DEVICE));
            assertThat(refusal.explanation().blames()).extracting(Object::toString).containsExactly("first", "second");
            return refusal.reason();
        }
    }

    @Test
    void withoutAnyAllocatorAnAttachIsFineAndAMapIsNot() {
        DmaBuf frame = bench.buffer(4096);
        DmaBufException refusal = Bench.refusal(() -> frame.attach("cam").map(Direction.TO_DEVICE));
        assertThat(refusal.reason()).isEqualTo(Reason.NO_ALLOCATOR);
        assertThat(refusal).hasMessage("no storage for buffer frame: no allocator is present");
        assertThat(refusal.explanation().blames()).isEmpty();
    }

    private DmaBuf mapped() {
        DmaBuf frame = bench.buffer(4096);
        frame.attach("cam").map(Direction.TO_DEVICE).close();
        return frame;
    }
}
