// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.FiveStates.infos;
import static itests.Stage.FIRST;
import static itests.Stage.MIB;
import static itests.Stage.patiently;
import static itests.Stage.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Attachment;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.spi.Allocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;

/** Of a bundle that has been uninstalled nothing is left: its class loader is collected, whatever became of its storage. */
public class ClassLoaderIT extends GatewayConfiguration {
    private static final int SIZE = 300_000;

    private Stage stage;
    private CountDownLatch latch;

    @Before
    public void setUp() {
        stage = new Stage(context);
        latch = new CountDownLatch(1);
        stage.register(CountDownLatch.class, latch, Map.of());
        stage.pool("pool", 0x1000_0000L, 16 * MIB, FIRST - 1);
        stage.device("camera", "");
        stage.device("near", "range=0x20000000..0x3fffffff");
    }

    @After
    public void tearDown() throws Exception {
        latch.countDown();
        stage.close();
    }

    @Test
    public void whenItsStorageMoved() throws Exception {
        Bundle bank = stage.start(TestBundle.low("1.0.0"));
        Leash leash = new Leash(bank);
        FiveStates buffers = new FiveStates(stage, "camera");

        Leash.remove(context, bank);

        leash.awaitCollected();
        assertThat(buffers.mapped.info().allocator()).as("still in use").isEqualTo(Optional.of("bank"));
        buffers.verifyOpenHandles();
        buffers.letGo();
        buffers.verify();
    }

    @Test
    public void whileItsStorageIsOrphaned() throws Exception {
        Bundle bank = stage.start(TestBundle.low("1.0.0"));
        Leash leash = new Leash(bank);
        FiveStates buffers = new FiveStates(stage, "near");

        Leash.remove(context, bank);

        leash.awaitCollected();
        buffers.verifyOpenHandles();
        buffers.letGo();
        assertThat(infos(buffers.backed())).allMatch(BufferInfo::orphaned);
        buffers.verify();
    }

    @Test
    public void whenEachOfTenUpdatesLeftStorageBehind() throws Exception {
        Bundle bank = stage.start(TestBundle.low("1.0.0"));
        List<Leash> leashes = new ArrayList<>();
        List<DmaBuf> frames = new ArrayList<>();
        for (int update = 0; update < 10; update++) {
            leashes.add(new Leash(bank));
            DmaBuf frame = stage.buffer(SIZE);
            frame.attach("near").map(Direction.TO_DEVICE);
            Pattern.fill(frame, update);
            frames.add(frame);
            bank.update((update % 2 == 0 ? TestBundle.high("1." + update) : TestBundle.low("1." + update)).jar());
            Refresh.of(context, List.of(bank));
            patiently().until(() -> stage.ids().contains("bank"));
        }
        leashes.forEach(Leash::awaitCollected);
        for (DmaBuf frame : frames) {
            assertThat(Pattern.read(frame)).isEqualTo(Pattern.of(frames.indexOf(frame), SIZE));
        }
    }

    @Test
    public void whenItLiedAndThrewObjectsOfItsOwn() throws Exception {
        Configuration fault = stage.configure("test.rogue", Map.of("fault", "none:none"));
        Bundle rogue = stage.start(TestBundle.of("rogue", "1.0.0", "bank", "rogue"));
        patiently().until(() -> stage.ids().contains("rogue"));
        Leash leash = new Leash(rogue);
        Attachment camera = stage.buffer(SIZE).attach("camera");
        Attachment near = stage.buffer(SIZE).attach("near");
        List<DmaBufException> refusals = new ArrayList<>();
        for (String how : List.of("foreign", "null", "short", "Own", "Unspeakable", "Error", "StackOverflowError")) {
            misbehave(fault, "allocate:" + how);
            refusals.add(refusal(() -> near.map(Direction.TO_DEVICE)));
            assertThat(camera.map(Direction.TO_DEVICE).allocator()).isEqualTo("pool");
        }
        for (String method : List.of("statistics", "describe", "match", "release")) {
            misbehave(fault, method + ":Own");
            DmaBuf frame = stage.buffer(SIZE);
            stage.device("new-" + method, "");
            frame.attach("new-" + method).map(Direction.TO_DEVICE).close();
            stage.exporter().allocators();
            stage.exporter().plan(BufferRequest.ofSize(SIZE), List.of("near"));
        }

        Leash.remove(context, rogue);

        leash.awaitCollected();
        assertThat(refusals).as("what was said is still there").allMatch(refusal -> refusal.getMessage().contains("rogue"));
    }

    @Test
    public void whenItHungOnceItsCallsHaveEnded() throws Exception {
        stage.configure("dmabuf.core", Map.of("foreignDeadlineMillis", 50));
        Configuration fault = stage.configure("test.rogue", Map.of("fault", "allocate:hang"));
        Bundle rogue = stage.start(TestBundle.of("rogue", "1.0.0", "bank", "rogue"));
        patiently().until(() -> stage.ids().contains("rogue"));
        Leash leash = new Leash(rogue);
        assertThat(stage.buffer(SIZE).attach("camera").map(Direction.TO_DEVICE).allocator()).isEqualTo("pool");
        misbehave(fault, "statistics:hang");
        stage.exporter().allocators();

        Leash.remove(context, rogue);

        assertThat(leash.isCollected()).as("two threads are inside it").isFalse();
        latch.countDown();
        leash.awaitCollected();
    }

    @Test
    public void theCheckCatchesWhoKeepsAnObjectOfTheBundle() throws Exception {
        Bundle bank = stage.start(TestBundle.low("1.0.0"));
        Leash leash = new Leash(bank);
        AtomicReference<Object> kept = new AtomicReference<>(context.getService(reference()));

        Leash.remove(context, bank);

        for (int time = 0; time < 10; time++) {
            assertThat(leash.isCollected()).as("kept by " + kept).isFalse();
        }
        kept.set(null);
        leash.awaitCollected();
    }

    private ServiceReference<Allocator> reference() throws Exception {
        return context.getServiceReferences(Allocator.class, "(dmabuf.allocator.id=bank)").iterator().next();
    }

    private void misbehave(Configuration fault, String how) {
        Stage.update(fault, Map.of("fault", how));
        patiently().until(() -> context.getServiceReferences(Allocator.class, "(dmabuf.allocator.type=rogue)").stream()
                .anyMatch(reference -> how.equals(reference.getProperty("fault"))));
    }
}
