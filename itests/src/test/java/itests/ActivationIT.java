// SPDX-License-Identifier: Apache-2.0
package itests;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Device;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.spi.AttachPolicy;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.ServiceRegistration;

/**
 * Participants that come and go while the core itself is being activated. Declarative services then bind one that comes
 * twice: once because it came, once because it is there when its turn comes.
 */
public class ActivationIT extends GatewayConfiguration {
    private Stage stage;
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch go = new CountDownLatch(1);

    @Before
    public void setUp() {
        stage = new Stage(context);
    }

    @After
    public void tearDown() throws Exception {
        go.countDown();
        stage.close();
    }

    @Test
    public void aParticipantThatComesMeanwhileIsThereOnce() throws Exception {
        AtomicInteger judged = new AtomicInteger();
        AttachPolicy counting = (device, buffer) -> {
            judged.incrementAndGet();
            return DmaConstraints.NEUTRAL;
        };
        CompletableFuture<ServiceRegistration<AttachPolicy>> coming = new CompletableFuture<>();
        whileTheCoreIsActivated(() -> coming.complete(stage.register(AttachPolicy.class, counting, Map.of())));
        try (DmaBuf buffer = stage.buffer(4096)) {
            buffer.attach("slow");
            assertThat(judged).as("asked once").hasValue(1);
            coming.join().unregister();
            stage.device("next", "");
            buffer.attach("next");
            assertThat(judged).as("not asked any more").hasValue(1);
        }
    }

    @Test
    public void aDeviceThatComesAndGoesMeanwhileIsNotThere() throws Exception {
        whileTheCoreIsActivated(() -> Stage.unregister(stage.device("short", "")));
        assertThat(stage.exporter().devices()).extracting("name").contains("slow").doesNotContain("short");
    }

    private void whileTheCoreIsActivated(Runnable action) throws Exception {
        Bundle core = stage.ours("dmabuf.core");
        core.stop();
        stage.register(Device.class, slow(), Map.of(Device.NAME, "slow"));
        CompletableFuture<Void> activated = CompletableFuture.runAsync(() -> start(core));
        assertThat(asked.await(30, SECONDS)).isTrue();
        action.run();
        go.countDown();
        activated.get(30, SECONDS);
        Stage.patiently().until(() -> stage.exporter().devices().stream().anyMatch(info -> info.name().equals("slow")));
    }

    /** Holds up whoever binds it, and so the activation. */
    private Device slow() {
        Device plain = Device.of("slow", List.of(DmaPath.of(DmaConstraints.NEUTRAL)));
        return new Device() {
            @Override
            public String name() {
                asked.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return plain.name();
            }

            @Override
            public List<DmaPath> paths() {
                return plain.paths();
            }
        };
    }

    private static void start(Bundle bundle) {
        try {
            bundle.start();
        } catch (BundleException e) {
            throw new IllegalStateException(e);
        }
    }
}
