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
}
