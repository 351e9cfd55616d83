// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.BufferInfo;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Reason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Attach policies narrow or veto, and never widen. */
class PoliciesTest {
    private final Bench bench =
            new Bench(new Settings(Duration.ofMillis(100), Duration.ofMillis(100), OptionalLong.empty()))
                    .device("cam", "align=4K");

    PoliciesTest() {
        bench.pool("pool", 0, 0x1000_0000L);
    }

    @AfterEach
    void nothingIsLeft() {
        bench.close();
    }

    @Test
    void aPolicyNarrows() {
        bench.sandbox.addPolicy((_, _) -> DmaConstraints.parse("align=64K"));
        bench.sandbox.addPolicy((_, _) -> DmaConstraints.parse("align=1 maxSegments=1"));
        DmaBuf frame = bench.buffer(4096);
        frame.attach("cam");
        assertThat(frame.info().constraints()).isEqualTo(DmaConstraints.parse("align=64K maxSegments=1"));
        assertThat(frame.info().attachments().getFirst().path().constraints().alignment()).isEqualTo(64 * Bench.KIB);
    }

    @Test
    void theHigherRankingIsAskedFirstAndOfEqualOnesTheEarlier() {
        List<String> asked = new CopyOnWriteArrayList<>();
        ask("low", 0, asked);
        ask("high", 10, asked);
        ask("late", 0, asked);
        bench.buffer(4096).attach("cam");
        assertThat(asked).containsExactly("high", "low", "late");
    }

    private void ask(String name, int ranking, List<String> asked) {
        bench.sandbox.core().policies().add((_, _) -> {
            asked.add(name);
            return DmaConstraints.NEUTRAL;
        }, ranking, name);
    }

    @Test
    void aVetoHasItsOwnReasonAndChangesNothing() {
        bench.sandbox.addPolicy((device, buffer) -> {
            throw new DmaBufException(Reason.QUOTA, device.device() + " may not use " + buffer.name());
        });
        DmaBuf frame = bench.buffer(4096);
        BufferInfo before = frame.info();
        DmaBufException refusal = Bench.refusal(() -> frame.attach("cam"));
        assertThat(refusal.reason()).isEqualTo(Reason.QUOTA);
        assertThat(refusal).hasMessage("cam may not use frame");
        assertThat(frame.info()).usingRecursiveComparison().ignoringFields("lastRefusal").isEqualTo(before);
    }

    @Test
    void aBrokenPolicyHasNotAgreed() {
        bench.sandbox.addPolicy((_, _) -> {
            throw new UnsupportedOperationException("later");
        });
        DmaBufException refusal = Bench.refusal(() -> bench.buffer(4096).attach("cam"));
        assertThat(refusal.reason()).isEqualTo(Reason.ACCESS);
        assertThat(refusal)
                .hasMessage("attach policy of sandbox threw java.lang.UnsupportedOperationException: later");
    }

    @Test
    void aPolicyThatHangsIsTimedOut() {
        CountDownLatch forever = new CountDownLatch(1);
        bench.sandbox.addPolicy((_, _) -> {
            Waiting.on(forever);
            return DmaConstraints.NEUTRAL;
        });
        assertThat(Bench.refusal(() -> bench.buffer(4096).attach("cam")).reason()).isEqualTo(Reason.TIMED_OUT);
        forever.countDown();
    }

    @Test
    void aPolicyThatLeavesNothingMakesItIncompatible() {
        bench.device("low", "range=0x0..0xffffffff");
        bench.sandbox.addPolicy((_, _) -> DmaConstraints.parse("range=0x100000000..0x1ffffffff"));
        DmaBufException refusal = Bench.refusal(() -> bench.buffer(4096).attach("low"));
        assertThat(refusal.reason()).isEqualTo(Reason.INCOMPATIBLE);
        assertThat(refusal.explanation().blames()).extracting(Object::toString).containsExactly("low");
    }

    @Test
    void everyWayThatIsChosenIsJudgedOnce() {
        bench.sandbox.addDevice(
                Device.of("gpu", List.of(Bench.path("maxSegments=1"), Bench.path("maxSegments=8"))), Map.of());
        List<Long> judged = new ArrayList<>();
        bench.sandbox.addPolicy((device, _) -> {
            long segments = device.path().constraints().maxSegments().orElse(0);
            judged.add(segments);
            return segments == 1 ? DmaConstraints.parse("maxSize=1K") : DmaConstraints.NEUTRAL;
        });
        DmaBuf frame = bench.buffer(4096);
        frame.attach("gpu");
        assertThat(judged).containsExactly(1L, 8L);
        assertThat(frame.info().constraints()).isEqualTo(DmaConstraints.parse("maxSegments=8"));
        frame.attach("cam").map(Direction.TO_DEVICE);
        assertThat(judged).as("who is a member is not judged again").hasSize(3);
    }

    @Test
    void whoIsThereKeepsWhatAPolicyAddedWhenOthersDetach() {
        bench.sandbox.addPolicy(
                (device, _) -> device.device().equals("cam") ? DmaConstraints.parse("align=64K") : DmaConstraints.NEUTRAL);
        bench.device("codec", "");
        DmaBuf frame = bench.buffer(4096);
        frame.attach("cam");
        frame.attach("codec").close();
        assertThat(frame.info().constraints()).isEqualTo(DmaConstraints.parse("align=64K"));
    }
}
