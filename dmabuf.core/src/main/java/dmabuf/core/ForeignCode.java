// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls services of other bundles, each call on a thread of its own and with a deadline, so that one that hangs or
 * throws harms only the request at hand.
 *
 * <p>The threads are platform threads: a virtual thread that spins or sits in a native call keeps one of the few
 * carriers, and two of them would stop every other call on a small machine. They end after a second without work, so
 * that nothing a departed bundle left in a thread local stays.
 */
final class ForeignCode implements AutoCloseable {
    private static final long IDLE_SECONDS = 1;

    private final Supplier<Duration> deadline;
    private final ExecutorService threads;

    ForeignCode(Supplier<Duration> deadline) {
        this(deadline, Caller::new);
    }

    /** Makes its threads in another way, which may fail. */
    ForeignCode(Supplier<Duration> deadline, ThreadFactory making) {
        this.deadline = deadline;
        this.threads = new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, IDLE_SECONDS, TimeUnit.SECONDS, new SynchronousQueue<>(), making);
    }

    /** Asks a party; nobody has to give back an answer that comes too late. */
    <S, T> Reply<T> ask(Party<S> party, Function<S, @Nullable T> question) {
        return ask(party, question, _ -> {});
    }

    /**
     * Asks a party and waits for its answer, not interruptibly, at most until the deadline.
     *
     * @param late gets the answer that came after the deadline, on the foreign thread
     */
    <S, T> Reply<T> ask(Party<S> party, Function<S, @Nullable T> question, Consumer<T> late) {
        Optional<String> reluctance = party.reluctance();
        if (reluctance.isPresent()) {
            return new Reply.Late<>(reluctance.get());
        }
        CompletableFuture<Reply<T>> result = new CompletableFuture<>();
        return start(() -> run(party, question, late, result))
                .<Reply<T>>map(failure -> new Reply.Thrown<>(Optional.empty(), failure))
                .orElseGet(() -> await(party, result));
    }

    /** Gives a party something back. Waits for it, but not for a party that has proved to hang. */
    <S> void tell(Party<S> party, Consumer<S> message) {
        if (party.hasLeft()) {
            return;
        }
        Function<S, @Nullable Boolean> told = service -> {
            message.accept(service);
            return true;
        };
        if (party.isOverdue()) {
            start(() -> call(party, told));
        } else {
            ask(party, told);
        }
    }

    /** Returns whether foreign code called by a core calls back here: then no other foreign code may be called for it. */
    static boolean isInside() {
        return Thread.currentThread() instanceof Caller;
    }

    private static final class Caller extends Thread {
        Caller(Runnable work) {
            super(null, work, "dmabuf-foreign", 0, false);
            setDaemon(true);
            setContextClassLoader(ForeignCode.class.getClassLoader());
        }
    }

    /** Lets a listener know, and does not wait: what it does about it is seen elsewhere. */
    void notify(Runnable listener) {
        start(() -> {
            try {
                listener.run();
            } catch (Throwable _) {
                // its own affair: it has been told
            }
        });
    }

    /** Returns how long a call may take. */
    Duration deadline() {
        return deadline.get();
    }

    /** Starts work on a foreign thread; answers why that was not possible. */
    Optional<String> start(Runnable work) {
        try {
            threads.execute(work);
            return Optional.empty();
        } catch (RuntimeException | OutOfMemoryError e) {
            return Optional.of("no thread for a call of another bundle: " + e);
        }
    }

    private static <S, T> void run(
            Party<S> party, Function<S, @Nullable T> question, Consumer<T> late, CompletableFuture<Reply<T>> result) {
        Reply<T> reply = call(party, question);
        if (!result.complete(reply)) {
            party.returned();
            reply.given().ifPresent(late);
        }
    }

    /** Whatever foreign code throws, an Error too, is an answer like another. */
    private static <S, T> Reply<T> call(Party<S> party, Function<S, @Nullable T> question) {
        party.begin();
        try {
            Optional<S> service = party.service();
            if (service.isEmpty()) {
                return new Reply.Thrown<>(Optional.empty(), party.title() + " has left");
            }
            T value = question.apply(service.get());
            return value == null
                    ? new Reply.Thrown<>(Optional.empty(), party.title() + " answered null")
                    : new Reply.Given<>(value);
        } catch (DmaBufException e) {
            return new Reply.Thrown<>(Optional.of(e.explanation()), e.explanation().text());
        } catch (Throwable e) {
            return new Reply.Thrown<>(Optional.empty(), party.title() + " threw " + describe(e));
        } finally {
            party.end();
        }
    }

    /** Describing it is foreign code too. */
    static String describe(Throwable thrown) {
        try {
            return thrown.toString();
        } catch (Throwable _) {
            return thrown.getClass().getName();
        }
    }

    private <S, T> Reply<T> await(Party<S> party, CompletableFuture<Reply<T>> result) {
        Duration limit = deadline.get();
        long end = System.nanoTime() + limit.toNanos();
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return result.get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
                } catch (InterruptedException _) {
                    interrupted = true;
                } catch (TimeoutException | ExecutionException _) {
                    return giveUp(party, limit, result);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Decides between the deadline and an answer that comes at the same moment: one of them completes the result. */
    private static <S, T> Reply<T> giveUp(Party<S> party, Duration limit, CompletableFuture<Reply<T>> result) {
        party.overran();
        Reply<T> late = new Reply.Late<>(party.title() + " did not answer within " + limit.toMillis() + " ms");
        if (result.complete(late)) {
            return late;
        }
        party.returned();
        return result.join();
    }

    /** Lets running calls end by themselves and takes no new ones. */
    @Override
    public void close() {
        threads.shutdown();
    }
}
