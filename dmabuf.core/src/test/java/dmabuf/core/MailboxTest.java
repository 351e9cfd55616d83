// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dmabuf.api.DmaBufEvent;
import dmabuf.api.DmaBufListener;
import dmabuf.api.EventKind;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the log says about listeners, and who writes it. */
class MailboxTest {
    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private final List<Thread> loggers = new CopyOnWriteArrayList<>();
    private final ForeignCode foreign = new ForeignCode(() -> Duration.ofMillis(200));
    private final Events events = new Events(foreign, new Journal(this::warn, _ -> {}));

    @AfterEach
    void end() {
        foreign.close();
    }

    private void warn(String text) {
        loggers.add(Thread.currentThread());
        warnings.add(text);
    }

    private void post() {
        events.post(DmaBufEvent.of(EventKind.DEVICE_ARRIVED, Instant.EPOCH).build());
    }

    @Test
    void eachListenerThatThrowsIsWarnedAboutOnce() {
        List<DmaBufEvent> told = new CopyOnWriteArrayList<>();
        DmaBufListener broken = event -> {
            told.add(event);
            throw new IllegalStateException("broken");
        };
        Mailbox first = events.add(broken, EventKind.usual(), "thrower");
        post();
        post();
        await().until(() -> told.size() == 2);
        await().untilAsserted(() -> assertThat(warnings).hasSize(1));
        events.remove(first);
        events.add(broken, EventKind.usual(), "thrower");
        post();
        await().untilAsserted(() -> assertThat(warnings)
                .hasSize(2)
                .containsOnly("event listener of thrower threw java.lang.IllegalStateException: broken"));
    }

    /** What a log throws ends the thread that hands over: it is as if memory ran out between two events. */
    @Test
    void aThreadThatDiesBetweenTwoEventsLeavesTheRestToTheNext() {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        List<Long> told = new CopyOnWriteArrayList<>();
        Journal full = new Journal(_ -> {
            throw new OutOfMemoryError("planned");
        }, _ -> {});
        List<Thread> tellers = new CopyOnWriteArrayList<>();
        Mailbox mailbox = new Events(foreign, full).add(event -> {
            tellers.add(Thread.currentThread());
            told.add(event.lost());
            entered.countDown();
            Waiting.on(goOn);
            if (event.lost() == 2) {
                Thread.currentThread().setUncaughtExceptionHandler((_, _) -> {});
                throw new IllegalStateException("of which the log wants to tell");
            }
        }, EventKind.usual(), "listener");
        mailbox.post(numbered(1));
        Waiting.on(entered);
        LongStream.rangeClosed(2, 4).forEach(number -> mailbox.post(numbered(number)));
        goOn.countDown();
        await().until(() -> tellers.size() >= 2 && !tellers.get(1).isAlive());
        assertThat(told).containsExactly(1L, 2L);
        mailbox.post(numbered(5));
        await().until(() -> told.size() == 5);
        assertThat(told).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void aThreadThatIsNotToBeHadIsAskedForAgainAtTheNextEvent() {
        AtomicInteger asked = new AtomicInteger();
        List<Long> told = new CopyOnWriteArrayList<>();
        try (ForeignCode scarce = new ForeignCode(() -> Duration.ofSeconds(30), work -> {
            if (asked.incrementAndGet() == 1) {
                throw new OutOfMemoryError("planned: unable to create native thread");
            }
            return new Thread(work);
        })) {
            Mailbox mailbox = new Events(scarce, new Journal(this::warn, _ -> {}))
                    .add(event -> told.add(event.lost()), EventKind.usual(), "listener");
            mailbox.post(numbered(1));
            mailbox.post(numbered(2));
            await().until(() -> told.size() == 2);
        }
        assertThat(told).containsExactly(1L, 2L);
        assertThat(asked).hasValue(2);
    }

    @Test
    void whoPostsDoesNotWriteTheLog() {
        CountDownLatch hangs = new CountDownLatch(1);
        events.add(_ -> Waiting.on(hangs), EventKind.usual(), "hanger");
        await().pollInSameThread().until(() -> {
            post();
            return !warnings.isEmpty();
        });
        hangs.countDown();
        assertThat(warnings).containsExactly(
                "event listener of hanger did not return within 200 ms: it loses the events that come meanwhile");
        assertThat(loggers).doesNotContain(Thread.currentThread());
    }

    /** Each comes while the thread that hands over is at work, at rest, about to end, or gone, as it happens. */
    @Test
    void eachEventArrivesWheneverItComes() {
        List<Long> told = new CopyOnWriteArrayList<>();
        events.add(event -> told.add(event.lost()), EventKind.usual(), "listener");
        for (long number = 1; number <= 2_000; number++) {
            events.post(numbered(number));
            long rounds = number % 50 == 0 ? 20_000 : number % 7 * 1_000;
            LongStream.range(0, rounds).forEach(_ -> Thread.onSpinWait());
            if (number % 100 == 0) {
                long last = number;
                await().pollInSameThread().pollDelay(Duration.ZERO).until(() -> told.size() == last);
            }
        }
        assertThat(told).isEqualTo(LongStream.rangeClosed(1, 2_000).boxed().toList());
    }

    private static DmaBufEvent numbered(long number) {
        return DmaBufEvent.of(EventKind.DEVICE_ARRIVED, Instant.EPOCH).lost(number).build();
    }

    @Test
    void thereIsNoThreadForAListenerThatIsToldNothing() {
        List<Thread> tellers = new CopyOnWriteArrayList<>();
        Mailbox mailbox = events.add(_ -> tellers.add(Thread.currentThread()), EventKind.usual(), "listener");
        post();
        await().until(() -> tellers.size() == 1);
        await().until(() -> !tellers.getFirst().isAlive());
        post();
        await().until(() -> tellers.size() == 2);
        events.remove(mailbox);
        await().until(() -> !tellers.getLast().isAlive());
    }

    @Test
    void whatWaitsForAListenerThatLeavesIsNotHandedOver() {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        List<Long> told = new CopyOnWriteArrayList<>();
        List<Thread> tellers = new CopyOnWriteArrayList<>();
        Mailbox mailbox = events.add(event -> {
            told.add(event.lost());
            tellers.add(Thread.currentThread());
            entered.countDown();
            Waiting.on(goOn);
        }, EventKind.usual(), "leaver");
        events.post(numbered(1));
        Waiting.on(entered);
        events.post(numbered(2));
        events.remove(mailbox);
        goOn.countDown();
        await().until(() -> !tellers.getFirst().isAlive());
        assertThat(told).containsExactly(1L);
    }
}
