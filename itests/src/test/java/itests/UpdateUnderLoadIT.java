// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.FIRST;
import static itests.Stage.MIB;
import static itests.Stage.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;

/** An allocator bundle is updated, stopped, uninstalled and installed again while threads allocate from it without a pause. */
public class UpdateUnderLoadIT extends GatewayConfiguration {
    private static final int THREADS = 4;
    private static final int ROUNDS = 5;

    /** So many maps by each version in each round show that it serves. */
    private static final long ENOUGH = 20;

    private Stage stage;
    private List<String> memories;
    private Load load;
    private AtomicLong low;
    private AtomicLong high;

    @Before
    public void setUp() {
        stage = new Stage(context);
        stage.pool("pool", 0x1000_0000L, 16 * MIB, FIRST - 1);
        stage.device("camera", "");
        stage.device("near", "range=0x20000000..0x3fffffff");
        memories = Descriptors.memories();
        load = new Load(stage.exporter(), List.of("near", "camera", "near"));
        low = load.mapsIn(0x2000_0000L, 16 * MIB);
        high = load.mapsIn(0x3000_0000L, 16 * MIB);
    }

    @After
    public void tearDown() throws Exception {
        load.end();
        stage.close();
        patiently().untilAsserted(() -> assertThat(Descriptors.memories()).as("nothing leaks").isEqualTo(memories));
    }

    @Test
    public void anUpdateIsNotNoticedByWhoAllocates() throws Exception {
        Bundle bank = stage.start(TestBundle.low("1.0.0"));
        load.start(THREADS);
        for (int round = 0; round < ROUNDS; round++) {
            awaitMore(low);
            bank.update(TestBundle.high("2.0." + round).jar());
            awaitMore(high);
            bank.update(TestBundle.low("3.0." + round).jar());
        }
        awaitMore(low);
        assertEnds();
    }

    @Test
    public void neitherAreAStopAndAnUninstall() throws Exception {
        Bundle bank = stage.start(TestBundle.low("1.0.0"));
        load.start(THREADS);
        for (int round = 0; round < ROUNDS; round++) {
            awaitMore(low);
            bank.stop();
            bank.start();
            awaitMore(low);
            bank.uninstall();
            Refresh.of(context, List.of(bank));
            bank = stage.start(TestBundle.low("1.0." + round));
        }
        awaitMore(low);
        assertEnds();
    }

    private void awaitMore(AtomicLong maps) {
        long before = maps.get();
        patiently().until(() -> maps.get() >= before + ENOUGH || !load.failures().isEmpty());
        assertThat(load.failures()).isEmpty();
    }

    private void assertEnds() throws InterruptedException {
        load.end();
        assertThat(load.failures()).isEmpty();
        assertThat(stage.exporter().buffers()).as("all were verified and freed").isEmpty();
        assertThat(stage.allocator("bank").statistics().orElseThrow().live()).isZero();
    }
}
