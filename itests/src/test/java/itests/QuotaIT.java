// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.KIB;
import static itests.Stage.patiently;
import static itests.Stage.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.BufferRequest;
import dmabuf.api.CpuMode;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Exporter;
import dmabuf.api.Reason;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.util.tracker.ServiceTracker;

/** Quotas of real bundles, brought, changed and taken away by the factory PID dmabuf.quota. */
public class QuotaIT extends GatewayConfiguration {
    private static final String APP = "app.limited";
    private static final long LIMIT = 64 * KIB;

    private Stage stage;
    private Bundle app;

    @Before
    public void setUp() {
        stage = new Stage(context);
        patiently().until(() -> stage.ids().contains("system"));
        app = stage.bundle(APP);
    }

    @After
    public void tearDown() throws Exception {
        stage.close();
    }

    private Exporter exporter() {
        return Stage.service(app.getBundleContext(), Exporter.class, null);
    }

    private static DmaBuf backed(Exporter exporter, long byteSize) {
        DmaBuf buffer = exporter.create(BufferRequest.ofSize(byteSize));
        try {
            buffer.beginCpuAccess(CpuMode.READ).close();
            return buffer;
        } catch (DmaBufException e) {
            buffer.close();
            throw e;
        }
    }

    /** Tries until a configuration is in force. */
    private void awaitRefusal(long byteSize) {
        patiently().untilAsserted(() -> assertThat(outcome(exporter(), byteSize)).contains(Reason.QUOTA));
    }

    private static Optional<Reason> outcome(Exporter exporter, long byteSize) {
        try (DmaBuf _ = backed(exporter, byteSize)) {
            return Optional.empty();
        } catch (DmaBufException e) {
            return Optional.of(e.reason());
        }
    }

    @Test
    public void aLimitIsConfiguredChangedAndTakenAway() throws Exception {
        Configuration limit = stage.configureFactory(
                "dmabuf.quota", "app", Map.of("name", "app", "owners", new String[] {"app.lim*"}, "bytes", "64K"));
        awaitRefusal(LIMIT + 1);
        DmaBuf held = backed(exporter(), LIMIT);
        DmaBufException refused = refusal(() -> backed(exporter(), 1));
        assertThat(refused.reason()).isEqualTo(Reason.QUOTA);
        assertThat(refused).hasMessageContaining(
                "quota app has no room in bytes: limit=64K, used=64K, asked=4K (owner app.limited)");
        backed(stage.exporter(), 2 * LIMIT).close();

        Stage.update(limit, Map.of("name", "app", "owners", "app.limited", "bytes", "much"));
        Stage.update(limit, Map.of("name", "app", "owners", "app.limited", "bytes", "68K"));
        patiently().untilAsserted(() -> assertThat(outcome(exporter(), 4 * KIB)).isEmpty());
        assertThat(outcome(exporter(), 5 * KIB)).contains(Reason.QUOTA);
        limit.delete();
        patiently().untilAsserted(() -> assertThat(outcome(exporter(), LIMIT)).isEmpty());
        held.close();
    }

    @Test
    public void aBundleThatStopsGetsItsQuotaBack() throws Exception {
        stage.configureFactory("dmabuf.quota", "app", Map.of("name", "app", "owners", APP, "bytes", "64K"));
        awaitRefusal(LIMIT + 1);
        DmaBuf shared = backed(exporter(), LIMIT / 2);
        backed(exporter(), LIMIT / 2);
        DmaBuf ours = stage.exporter().open(shared.id());
        app.stop();
        ours.beginCpuAccess(CpuMode.READ_WRITE).close();
        app.start();
        assertThat(outcome(exporter(), LIMIT)).as("what others use on is not charged to it").isEmpty();
        assertThat(outcome(exporter(), LIMIT + 1)).contains(Reason.QUOTA);
        ours.close();
    }

    /** Whoever gets the exporter of a core that starts meets the quotas at once: there is no moment without them. */
    @Test
    public void aCoreThatStartsAgainHasItsQuotasFirst() throws Exception {
        stage.configureFactory("dmabuf.quota", "app", Map.of("name", "app", "owners", APP, "bytes", "0"));
        awaitRefusal(1);
        Bundle core = stage.ours("dmabuf.core");
        core.stop();
        AtomicReference<Optional<Reason>> first = new AtomicReference<>();
        BundleContext consumer = app.getBundleContext();
        ServiceTracker<Exporter, Exporter> tracker = new ServiceTracker<>(consumer, Exporter.class, null) {
            @Override
            public Exporter addingService(ServiceReference<Exporter> reference) {
                Exporter exporter = consumer.getService(reference);
                first.set(outcome(exporter, 1));
                return exporter;
            }
        };
        tracker.open();
        core.start();
        patiently().until(() -> first.get() != null);
        tracker.close();
        assertThat(first.get()).contains(Reason.QUOTA);
        patiently().until(() -> stage.ids().contains("system"));
    }
}
