// SPDX-License-Identifier: Apache-2.0
package itests;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.awaitility.core.ConditionFactory;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * The core, the API, the door to Linux, and the consumer itself are stopped, updated and refreshed while the consumer has
 * mappings, user mappings, a descriptor, and threads inside CPU accesses: all memory is back within 2 s, nobody meets
 * anything but GONE or a closed segment, and the consumer is served again. The test itself is wired to none of these bundles, or a refresh would take it
 * along.
 */
public class RefreshIT extends GatewayConfiguration {
    private Bundle consumer;
    private List<String> memories;
    private Function<String, Object> before;

    @Before
    public void setUp() throws Exception {
        memories = Descriptors.memories();
        TestBundle frames = TestBundle.of("frames", "1.0.0", "frames");
        consumer = context.installBundle(frames.location(), frames.jar());
        consumer.start();
        before = await().atMost(30, SECONDS).ignoreExceptions().until(this::servedConsumer, Objects::nonNull);
        assertThat(before.apply("enter")).as("threads inside").isEqualTo(7);
        assertThat(Descriptors.memories()).hasSizeGreaterThan(memories.size());
    }

    @After
    public void tearDown() throws Exception {
        consumer.uninstall();
        allMemoryIsBack();
    }

    @Test
    public void theCoreIsStoppedAndStarted() throws Exception {
        stopAndStart("dmabuf.core");
    }

    @Test
    public void theDoorToLinuxIsStoppedAndStarted() throws Exception {
        stopAndStart("dmabuf.linux");
    }

    @Test
    public void theApiIsStoppedAndStarted() throws Exception {
        ours("dmabuf.api").stop();
        ours("dmabuf.api").start();
        assertThat(served()).as("it is classes, not a service").isSameAs(before);
        ours("dmabuf.core").stop();
        allMemoryIsBack();
        ours("dmabuf.core").start();
        goesOn();
    }

    @Test
    public void theCoreIsUpdated() throws Exception {
        ours("dmabuf.core").update();
        goesOn();
    }

    @Test
    public void theDoorToLinuxIsUpdated() throws Exception {
        ours("dmabuf.linux").update();
        goesOn();
    }

    @Test
    public void theApiIsUpdatedAndEverybodyIsRefreshed() throws Exception {
        ours("dmabuf.api").update();
        refresh("dmabuf.api");
    }

    @Test
    public void theCoreIsRefreshed() throws Exception {
        refresh("dmabuf.core");
    }

    @Test
    public void theDoorToLinuxIsRefreshed() throws Exception {
        refresh("dmabuf.linux");
    }

    @Test
    public void theApiIsRefreshedAndEverybodyWithIt() throws Exception {
        refresh("dmabuf.api");
    }

    @Test
    public void theConsumerIsStoppedAndStarted() throws Exception {
        stopAndStart("frames");
    }

    @Test
    public void theConsumerIsRefreshed() throws Exception {
        refresh("frames");
    }

    @Test
    public void aConsumerThatIsOnlyReactivatedKeepsItsBuffers() throws Exception {
        assertThat(before.apply("keep")).isInstanceOf(Long.class);
        ServiceReference<ConfigurationAdmin> admin = context.getServiceReference(ConfigurationAdmin.class);
        Configuration configuration =
                context.getService(admin).getConfiguration("itests.bundles.frames.Frames", "?");
        configuration.update(FrameworkUtil.asDictionary(Map.of("any", "change")));
        within2Seconds().ignoreExceptions().until(this::servedConsumer, now -> now != null && now != before);
        assertThat(before.apply("kept")).isEqualTo(100_000L);
        configuration.delete();
        consumer.stop();
        allMemoryIsBack();
        assertThat((List<?>) before.apply("leave")).isEmpty();
    }

    private void stopAndStart(String name) throws Exception {
        ours(name).stop();
        allMemoryIsBack();
        ours(name).start();
        goesOn();
    }

    private void refresh(String name) throws Exception {
        Collection<Bundle> concerned = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION)
                .adapt(FrameworkWiring.class)
                .getDependencyClosure(List.of(ours(name)));
        assertThat(concerned).as("the test stays").doesNotContain(FrameworkUtil.getBundle(RefreshIT.class));
        Refresh.of(context, List.of(ours(name)));
        goesOn();
    }

    /** The new consumer is served; the old one has met nothing undocumented, and holds nothing. */
    private void goesOn() {
        allMemoryIsBack();
        Function<String, Object> after = served();
        assertThat(after).isNotSameAs(before);
        assertThat((List<?>) before.apply("leave")).isEmpty();
        allMemoryIsBack();
    }

    private void allMemoryIsBack() {
        within2Seconds().untilAsserted(() -> assertThat(Descriptors.memories()).isEqualTo(memories));
    }

    private Function<String, Object> served() {
        return within2Seconds().ignoreExceptions().until(this::servedConsumer, Objects::nonNull);
    }

    /** Returns the consumer when a frame of it goes its way, as soon as the board's allocators are there again. */
    private Function<String, Object> servedConsumer() throws InvalidSyntaxException {
        Function<String, Object> now = consumerService();
        return now != null && now.apply("use").equals("102400 9") ? now : null;
    }

    @SuppressWarnings("unchecked") // that is what the consumer registers
    private Function<String, Object> consumerService() throws InvalidSyntaxException {
        ServiceReference<?>[] services = context.getServiceReferences(
                Function.class.getName(), "(component.name=itests.bundles.frames.Frames)");
        return services == null ? null : (Function<String, Object>) context.getService(services[0]);
    }

    /** The bound that is promised, generous for the loaded machine that a build is. */
    private static ConditionFactory within2Seconds() {
        return await().atMost(2, SECONDS).pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(5));
    }

    private Bundle ours(String symbolicName) {
        return Arrays.stream(context.getBundles())
                .filter(bundle -> Objects.equals(bundle.getSymbolicName(), symbolicName))
                .findFirst()
                .orElseThrow();
    }
}
