// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.patiently;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ConfigurationListener;

/** A command waits until what was configured before it has been acted upon, and no longer than it should. */
public class DeliveriesIT extends GatewayConfiguration {
    private static final String PID = "test.slow";
    private static final Duration LONG = Duration.ofSeconds(60);

    private final CountDownLatch begun = new CountDownLatch(1);
    private final CountDownLatch allowed = new CountDownLatch(1);
    private final AtomicBoolean acted = new AtomicBoolean();
    private Stage stage;

    /** Who acts as slowly as it is allowed stands before the one that waits, as the component runtime does. */
    @Before
    public void setUp() throws Exception {
        stage = new Stage(context);
        stage.register(ConfigurationListener.class, this::act, Map.of());
        stage.configure(PID, Map.of("any", "value"));
        assertThat(begun.await(LONG.toSeconds(), SECONDS)).as("the change is told").isTrue();
    }

    @After
    public void tearDown() throws Exception {
        allowed.countDown();
        stage.close();
    }

    private void act(ConfigurationEvent event) {
        if (event.getPid().equals(PID) && event.getType() == ConfigurationEvent.CM_UPDATED) {
            begun.countDown();
            try {
                acted.set(allowed.await(LONG.toSeconds(), SECONDS));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    public void whatWasConfiguredBeforeHasBeenActedUpon() throws Exception {
        CompletableFuture<Boolean> seen = new CompletableFuture<>();
        Thread waiter = Thread.ofPlatform().daemon(true).start(() -> seen.completeAsync(this::awaited, Runnable::run));
        patiently().until(() -> seen.isDone() || isWaiting(waiter));
        allowed.countDown();

        assertThat(seen.get(LONG.toSeconds(), SECONDS)).as("it waited, and saw it acted upon").isTrue();
    }

    private boolean awaited() {
        return await(LONG) && acted.get();
    }

    private static boolean isWaiting(Thread waiter) {
        return Arrays.stream(waiter.getStackTrace()).anyMatch(frame -> frame.getClassName().endsWith(".CountDownLatch"));
    }

    @Test
    public void itWaitsNoLongerThanItsLimit() {
        assertThat(await(Duration.ofMillis(1))).as("all was acted upon").isFalse();
        assertThat(acted).isFalse();
    }

    /** The class is the shell's own, and no service. */
    private boolean await(Duration limit) {
        try {
            Bundle shell = Arrays.stream(context.getBundles())
                    .filter(bundle -> "dmabuf.shell".equals(bundle.getSymbolicName()))
                    .findFirst()
                    .orElseThrow();
            Method method = shell.loadClass("dmabuf.shell.line.Deliveries")
                    .getDeclaredMethod("await", BundleContext.class, Duration.class);
            method.setAccessible(true);
            return (boolean) method.invoke(null, context, limit);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("the shell has no such method", e);
        }
    }
}
