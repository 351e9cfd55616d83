// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dmabuf.api.AccessBits;
import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Reason;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.core.negotiation.Demand;
import dmabuf.core.negotiation.Member;
import dmabuf.core.negotiation.Outcome;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What was decided is known until something changes that it rests on, and not a moment longer. */
class PresencesTest {
    private static final long BASE = 0x1000_0000L;
    private static final Demand PAGE = Demand.of(4096, 4096, 1, Set.of());

    private final Bench bench = new Bench().devices("cam", "disp");
    private final Core core = bench.sandbox.core();

    @AfterEach
    void nothingIsLeft() {
        bench.close();
    }

    private Outcome ask(String... devices) {
        return core.presence(false).negotiate(List.of(devices).stream().map(this::member).toList(), PAGE);
    }

    private Member member(String device) {
        return core.resolve(device).member();
    }

    /** Returns the allocator that a new buffer of a device gets. */
    private String server(String device) {
        try (DmaBuf frame = bench.buffer(4096); Attachment attached = frame.attach(device)) {
            attached.map(Direction.TO_DEVICE).close();
            return frame.info().allocator().orElseThrow();
        }
    }

    @Test
    void theSameQuestionHasTheSameAnswer() {
        bench.pool("pool", 0, BASE);
        Outcome agreed = ask("cam", "disp");
        assertThat(agreed).isInstanceOf(Outcome.Agreed.class);
        assertThat(ask("cam", "disp")).isSameAs(agreed);
        assertThat(ask("cam")).isNotEqualTo(agreed);
        assertThat(core.presence(false).negotiate(
                        List.of(member("cam"), member("disp")), Demand.of(8192, 4096, 1, Set.of())))
                .isNotSameAs(agreed);
    }

    @Test
    void anAttachAndItsFirstMapAskTheSame() {
        PoolAllocator pool = bench.pool("pool", 0, BASE);
        pool.accepts = _ -> true;
        server("cam");
        int asked = pool.matches.get();
        Outcome known = ask("cam");
        server("cam");
        assertThat(ask("cam")).isSameAs(known);
        assertThat(pool.matches.get()).isEqualTo(asked);
    }

    @Test
    void anAllocatorThatComesChangesAndGoes() {
        bench.pool("old", 0, BASE);
        assertThat(server("cam")).isEqualTo("old");
        Party<Allocator> party = core.arrivals()
                .addAllocator(AllocatorSpec.of("new", "pool", 5), new PoolAllocator(2 * BASE, Bench.MIB), "test")
                .party();
        assertThat(server("cam")).isEqualTo("new");
        core.arrivals().updateAllocator(party, AllocatorSpec.of("new", "pool", -5));
        assertThat(server("cam")).isEqualTo("old");
        core.arrivals().updateAllocator(party, AllocatorSpec.of("new", "pool", 5));
        assertThat(server("cam")).isEqualTo("new");
        core.arrivals().removeAllocator(party);
        assertThat(server("cam")).isEqualTo("old");
    }

    @Test
    void aMapperThatGoesAndOneThatComesWithOtherFacts() {
        bench.pool("pool", 0, BASE);
        bench.sandbox.addDevice(Device.of("gpu", List.of(Bench.path("").withIommu("smmu"))), Map.of());
        assertThat(Bench.refusal(() -> server("gpu")).reason()).isEqualTo(Reason.NO_ALLOCATOR);
        TestMapper mapper = new TestMapper("smmu");
        bench.sandbox.addMapper(mapper);
        assertThat(server("gpu")).isEqualTo("pool");
        bench.sandbox.removeMapper(mapper);
        assertThat(Bench.refusal(() -> server("gpu")).reason()).isEqualTo(Reason.NO_ALLOCATOR);
        bench.sandbox.addMapper(new TestMapper("smmu") {
            @Override
            public long granule() {
                return 64 * Bench.KIB;
            }
        });
        assertThat(((Outcome.Agreed) ask("gpu")).constraints().granule()).isEqualTo(64 * Bench.KIB);
    }

    @Test
    void aPolicyIsAskedAboutWhatWasKnownBeforeItCame() {
        bench.pool("pool", 0, BASE);
        assertThat(server("cam")).isEqualTo("pool");
        bench.sandbox.addPolicy((_, _) -> DmaConstraints.parse("pools=other"));
        assertThat(Bench.refusal(() -> server("cam")).reason()).isEqualTo(Reason.NO_ALLOCATOR);
    }

    @Test
    void aDeviceThatComesBackWithOtherWaysIsAnotherOne() {
        bench.pool("pool", 0, BASE);
        assertThat(server("cam")).isEqualTo("pool");
        bench.sandbox.removeDevice("cam");
        bench.device("cam", "pools=other");
        assertThat(Bench.refusal(() -> server("cam")).reason()).isEqualTo(Reason.NO_ALLOCATOR);
    }

    @Test
    void bitsThatGetNamesAreToldByThem() {
        AllocatorSpec spec = new AllocatorSpec(
                "pool", 0, "pool", "pool", Optional.empty(), OptionalInt.of(2), false, false, Set.of());
        bench.sandbox.addAllocator(spec, new PoolAllocator(BASE, Bench.MIB));
        bench.device("odd", "access=0x1");
        assertThat(Bench.refusal(() -> server("odd"))).hasMessageContaining("its bit 2 is not");
        core.configure(new Settings(
                Duration.ofSeconds(1), Duration.ofSeconds(1), OptionalLong.empty(),
                AccessBits.parse(List.of("2=CONTIG")), LeakLevel.SIMPLE));
        assertThat(Bench.refusal(() -> server("odd"))).hasMessageContaining("its bit 2 (CONTIG) is not");
    }

    @Test
    void whoWaitsForAnAllocatorIsAnsweredOtherwise() {
        bench.pool("pool", 0, BASE).accepts = _ -> false;
        assertThat(Bench.refusal(() -> bench.buffer(4096).attach("cam")).reason()).isEqualTo(Reason.NO_ALLOCATOR);
        DmaBuf waiting = bench.exporter.create(BufferRequest.ofSize(4096).withWaitsForAllocator(true));
        assertThat(waiting.attach("cam").device()).isEqualTo("cam");
        assertThat(Bench.refusal(() -> bench.buffer(4096).attach("cam")).reason()).isEqualTo(Reason.NO_ALLOCATOR);
    }

    @Test
    void whoFailedToAnswerIsAskedAgain() {
        PoolAllocator pool = bench.pool("pool", 0, BASE);
        pool.accepts = _ -> {
            throw new UnsupportedOperationException("not yet");
        };
        assertThat(Bench.refusal(() -> server("cam"))).hasMessageContaining("not yet");
        pool.accepts = _ -> true;
        assertThat(server("cam")).isEqualTo("pool");
    }

    @Test
    void whoFailedToAnswerBesideAnotherOneIsAskedAgain() {
        bench.pool("second", 0, BASE);
        PoolAllocator first = bench.pool("first", 1, 2 * BASE);
        first.accepts = _ -> {
            throw new UnsupportedOperationException("not yet");
        };
        assertThat(server("cam")).isEqualTo("second");
        first.accepts = _ -> true;
        assertThat(server("cam")).isEqualTo("first");
    }

    @Test
    void nobodyWhoLeftIsKept() {
        bench.pool("pool", 0, BASE);
        server("cam");
        ask("cam", "disp");
        WeakReference<Member> cam = new WeakReference<>(member("cam"));
        WeakReference<Presence> presence = new WeakReference<>(core.presence(false));
        bench.sandbox.removeDevice("cam");
        await().until(() -> {
            System.gc();
            return cam.get() == null && presence.get() == null;
        });
        WeakReference<Presence> next = new WeakReference<>(core.presence(true));
        bench.sandbox.removeAllocator("pool");
        await().until(() -> {
            System.gc();
            return next.get() == null;
        });
    }
}
