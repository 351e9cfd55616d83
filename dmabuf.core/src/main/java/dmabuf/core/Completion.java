// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Explanation;
import dmabuf.api.FenceState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * How far the work behind a fence is. One atomic value, which is replaced as a whole: whoever sees that it failed sees
 * the error, and the one call that ends it tells everybody who asked until then. Needs no lock, and knows no buffer.
 */
final class Completion {
    private final AtomicReference<State> state;
    private final CountDownLatch done = new CountDownLatch(1);

    private sealed interface State {}

    /**
     * Not done.
     *
     * @param before how many completions have to be signalled before
     * @param spoken whether its own source has signalled already
     * @param actions what to run once it is done
     * @param followers those that have this one before them
     */
    private record Pending(int before, boolean spoken, List<Runnable> actions, List<Completion> followers)
            implements State {
        State step(int left, boolean signalled) {
            return left == 0 && signalled ? new Signalled() : new Pending(left, signalled, actions, followers);
        }

        Pending withActions(List<Runnable> value) {
            return new Pending(before, spoken, value, followers);
        }

        Pending withFollower(Completion follower) {
            return new Pending(before, spoken, actions, with(followers, follower));
        }
    }

    private record Signalled() implements State {}

    private record Failed(Explanation error) implements State {}

    /** A step that was taken. */
    private record Step(Pending before, State after) {
        boolean isLast() {
            return !(after instanceof Pending);
        }
    }

    /** Who is done by a last step, and what it was before. */
    private record Ended(Completion completion, Pending before) {}

    private Completion(int before) {
        this.state = new AtomicReference<>(new Pending(before, false, List.of(), List.of()));
    }

    /** Returns a completion that is signalled after others, and fails with the first of them that fails. */
    static Completion after(List<Completion> others) {
        Completion completion = new Completion(others.size());
        for (Completion other : others) {
            if (other.replace(pending -> pending.withFollower(completion)).isEmpty()) {
                completion.follow(other).ifPresent(Completion::tell);
            }
        }
        return completion;
    }

    private State now() {
        return Objects.requireNonNull(state.get());
    }

    FenceState state() {
        return switch (now()) {
            case Pending _ -> FenceState.PENDING;
            case Signalled _ -> FenceState.SIGNALLED;
            case Failed _ -> FenceState.FAILED;
        };
    }

    boolean isDone() {
        return !(now() instanceof Pending);
    }

    /** Returns why it failed; empty unless it did. */
    Optional<Explanation> error() {
        return now() instanceof Failed(Explanation error) ? Optional.of(error) : Optional.empty();
    }

    /** Takes the source's word that the work is done; false when it spoke before, or this is done. */
    boolean signal() {
        return change(pending -> pending.spoken() ? pending : pending.step(pending.before(), true));
    }

    /** Takes the source's word that the work failed; false when it spoke before, or this is done. */
    boolean fail(Explanation error) {
        return change(pending -> pending.spoken() ? pending : new Failed(error));
    }

    /** Ends this by force, whatever the source has said; false when it is done. */
    boolean end(Explanation error) {
        return change(_ -> new Failed(error));
    }

    /** Runs an action once, when this is done: at once when it is. An action throws nothing, and waits for nobody. */
    void whenDone(Runnable action) {
        if (replace(pending -> pending.withActions(with(pending.actions(), action))).isEmpty()) {
            action.run();
        }
    }

    /** Forgets actions that have not run. */
    void forget(Predicate<Runnable> which) {
        replace(pending -> pending.withActions(
                pending.actions().stream().filter(which.negate()).toList()));
    }

    /** Waits until this is done; false when the time is over or the thread is interrupted, which it stays. */
    boolean await(long nanos) {
        try {
            return done.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return isDone();
        }
    }

    private boolean change(Function<Pending, State> step) {
        Optional<Step> taken = replace(step);
        taken.flatMap(this::ended).ifPresent(Completion::tell);
        return taken.isPresent();
    }

    /** Takes a step, unless this is done or the step leads nowhere. */
    private Optional<Step> replace(Function<Pending, State> step) {
        while (now() instanceof Pending before) {
            State after = step.apply(before);
            if (after == before) {
                return Optional.empty();
            }
            if (state.compareAndSet(before, after)) {
                return Optional.of(new Step(before, after));
            }
        }
        return Optional.empty();
    }

    private Optional<Ended> ended(Step step) {
        return step.isLast() ? Optional.of(new Ended(this, step.before())) : Optional.empty();
    }

    /** Learns how one that comes before has ended; answers whether this one ends by it. */
    private Optional<Ended> follow(Completion other) {
        Optional<State> failed = other.error().map(Failed::new);
        return replace(pending -> failed.orElseGet(() -> pending.step(pending.before() - 1, pending.spoken())))
                .flatMap(this::ended);
    }

    /** Ends and wakes all who follow, however long the chain is, before anybody is told: what is told may take its time. */
    private static void tell(Ended first) {
        first.completion().done.countDown();
        List<Ended> all = new ArrayList<>(List.of(first));
        for (int i = 0; i < all.size(); i++) {
            Completion next = all.get(i).completion();
            next.done.countDown();
            all.get(i).before().followers().forEach(follower -> follower.follow(next).ifPresent(all::add));
        }
        run(all.stream().flatMap(ended -> ended.before().actions().stream()).toList());
    }

    /** Runs all actions, also when one of them fails, for lack of memory perhaps; throws the first failure in the end. */
    private static void run(List<Runnable> actions) {
        Optional<Throwable> failure = Optional.empty();
        for (Runnable action : actions) {
            try {
                action.run();
            } catch (RuntimeException | Error e) {
                failure = failure.or(() -> Optional.of(e));
            }
        }
        switch (failure.orElse(null)) {
            case RuntimeException unchecked -> throw unchecked;
            case Error error -> throw error;
            case null, default -> {}
        }
    }

    private static <T> List<T> with(List<T> list, T element) {
        return Stream.concat(list.stream(), Stream.of(element)).toList();
    }
}
