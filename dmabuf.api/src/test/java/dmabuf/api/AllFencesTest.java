// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Several fences as one: done when all are, failed when one is, with the first error. */
class AllFencesTest {
    private final Work scan = new Work("scan", FenceUsage.READ, 3);
    private final Work encode = new Work("encode", FenceUsage.READ, 7);
    private final Work copy = new Work("copy", FenceUsage.WRITE, 5);
    private final Fence all = Fence.allOf(List.of(scan, Fence.allOf(List.of(encode, copy)), scan));

    /** A fence that the test ends. */
    private static final class Work implements Fence {
        private final String title;
        private final FenceUsage usage;
        private final Duration remaining;
        private final List<FenceListener> listeners = new ArrayList<>();
        private FenceState state = FenceState.PENDING;
        private Optional<DmaBufException> trouble = Optional.empty();
        private Duration asked = Duration.ZERO;

        Work(String title, FenceUsage usage, int seconds) {
            this.title = title;
            this.usage = usage;
            this.remaining = Duration.ofSeconds(seconds);
        }

        void end(FenceState value) {
            state = value;
            trouble = value == FenceState.FAILED
                    ? Optional.of(new DmaBufException(Reason.TIMED_OUT, title + " failed"))
                    : Optional.empty();
            listeners.forEach(listener -> listener.fenceDone(this));
        }

        @Override
        public FenceState state() {
            return state;
        }

        @Override
        public Optional<Explanation> error() {
            return state == FenceState.FAILED ? trouble.map(DmaBufException::explanation) : Optional.empty();
        }

        @Override
        public FenceUsage usage() {
            return usage;
        }

        @Override
        public Duration remaining() {
            return remaining;
        }

        @Override
        public String title() {
            return title;
        }

        @Override
        public boolean await(Duration limit) {
            asked = limit;
            if (trouble.isPresent()) {
                throw trouble.get();
            }
            return isDone();
        }

        @Override
        public void onDone(FenceListener listener) {
            listeners.add(listener);
        }
    }

    @Test
    void theyAreTakenApartAndNoneTwice() {
        assertThat(all.parts()).containsExactly(scan, encode, copy);
        assertThat(Fence.allOf(List.of(scan, scan))).isSameAs(scan);
        assertThat(scan.parts()).containsExactly(scan);
        assertThatThrownBy(() -> Fence.allOf(List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThat(all.title()).isEqualTo("scan, encode, copy");
        assertThat(all.remaining()).isEqualTo(Duration.ofSeconds(7));
        assertThat(all.usage()).isEqualTo(FenceUsage.WRITE);
        assertThat(Fence.allOf(List.of(scan, encode)).usage()).isEqualTo(FenceUsage.READ);
    }

    @Test
    void allAreDoneBeforeOneHasFailed() {
        scan.end(FenceState.SIGNALLED);
        encode.end(FenceState.FAILED);
        assertThat(all.state()).isEqualTo(FenceState.PENDING);
        assertThat(all.isDone()).isFalse();
        assertThat(all.error()).isEmpty();
        assertThat(all.await(Duration.ZERO)).isFalse();
        copy.end(FenceState.FAILED);
        assertThat(all.state()).isEqualTo(FenceState.FAILED);
        assertThat(all.isDone()).isTrue();
        assertThat(all.error()).map(Explanation::text).hasValue("encode failed");
        assertThatThrownBy(() -> all.await(Duration.ZERO))
                .isInstanceOf(DmaBufException.class)
                .hasMessage("encode failed");
    }

    @Test
    void allAreSignalled() {
        scan.end(FenceState.SIGNALLED);
        encode.end(FenceState.SIGNALLED);
        assertThat(all.await(Duration.ofSeconds(-1))).isFalse();
        assertThat(copy.asked).isZero();
        copy.end(FenceState.SIGNALLED);
        assertThat(all.state()).isEqualTo(FenceState.SIGNALLED);
        assertThat(all.error()).isEmpty();
        assertThat(all.await(Duration.ofSeconds(60))).isTrue();
        assertThat(copy.asked).as("what the others left of the time").isPositive()
                .isLessThanOrEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void whatEndsAWaitButNotTheWorkIsPassedOn() {
        scan.trouble = Optional.of(new DmaBufException(Reason.GONE, "the runtime stops"));
        assertThatThrownBy(() -> all.await(Duration.ZERO)).hasMessage("the runtime stops");
    }

    @Test
    void aListenerIsToldOnceByTheLast() {
        List<Fence> told = new ArrayList<>();
        all.onDone(told::add);
        scan.end(FenceState.FAILED);
        encode.end(FenceState.SIGNALLED);
        assertThat(told).isEmpty();
        copy.end(FenceState.SIGNALLED);
        assertThat(told).singleElement().isSameAs(all);
        assertThatThrownBy(() -> all.onDone(null)).isInstanceOf(NullPointerException.class);
    }
}
