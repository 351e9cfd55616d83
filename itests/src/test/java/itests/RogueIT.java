// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.FIRST;
import static itests.Stage.MIB;
import static itests.Stage.patiently;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.Attachment;
import dmabuf.api.Attempt;

import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.spi.Allocator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;

import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.Configuration;

/** An allocator bundle that lies, throws or hangs in one of its methods harms the request at hand and nobody else. */
public class RogueIT extends GatewayConfiguration {
    private static final int SIZE = 300_000;
    private static final List<String> METHODS =
            List.of("match", "allocate", "release", "statistics", "describe", "compact");

    private static final String CAMERA = "range=0..0x7fffffff align=64K maxSegments=1";

    /** What each lie is answered by. */
    private static final Map<String, String> LIES = Map.ofEntries(
            Map.entry("null", "allocator rogue answered null"),
            Map.entry("short", "wrong length: expected=0x4a000, actual=0x49000"),
            Map.entry("long", "wrong length: expected=0x4a000, actual=0x4b000"),
            Map.entry("outside", "out of range: reachable=0x0..0x7fffffff, actual=0x90000000..0x90049fff (camera)"),
            Map.entry("beyond", "it must be at least 1 and end below 2^64"),
            Map.entry("misaligned", "segment not aligned: alignment=0x10000"),
            Map.entry("pieces", "too many segments: max=1, actual=2 (camera)"),
            Map.entry("itself", "segments overlap"),
            Map.entry("overlap", "overlaps live storage at 0x20000000..0x20049fff"),
            Map.entry("small", "memory too small: expected=303104, actual=4096"),
            Map.entry("closed", "its memory is closed, or does not come from the memory service"),
            Map.entry("foreign", "its memory is closed, or does not come from the memory service"));

    private Stage stage;
    private List<String> memories;
    private CountDownLatch latch;
    private Bundle rogue;
    private Configuration fault;

    @Before
    public void setUp() throws Exception {
        stage = new Stage(context);
        memories = Descriptors.memories();
        latch = new CountDownLatch(1);
        stage.register(CountDownLatch.class, latch, Map.of());
        stage.pool("pool", 0x1000_0000L, 16 * MIB, FIRST);
        fault = stage.configure("test.rogue", Map.of("fault", "none:none"));
        rogue = stage.start(TestBundle.of("rogue", "1.0.0", "bank", "rogue"));
        patiently().until(() -> stage.ids().contains("rogue"));
    }

    @After
    public void tearDown() throws Exception {
        latch.countDown();
        stage.close();
        patiently().untilAsserted(() -> assertThat(Descriptors.memories()).as("nothing leaks").isEqualTo(memories));
    }

    @Test
    public void everyLieIsPassedOverAndSaidInTheDecision() throws Exception {
        DmaBuf honest = stage.buffer(SIZE);
        byte[] written = Pattern.fill(honest, 1);
        assertThat(honest.info().allocator()).contains("rogue");
        for (Map.Entry<String, String> lie : LIES.entrySet()) {
            misbehave("allocate:" + lie.getKey());
            Attempt attempt = servedByThePool();
            assertThat(attempt.asked()).isTrue();
            assertThat(attempt.text()).as(lie.getKey()).contains(lie.getValue());
        }
        misbehave("none:none");
        assertThat(servedBy("rogue")).hasSize(1);
        assertThat(stage.allocator("rogue").statistics().orElseThrow().live())
                .as("it got back what it was not believed; but null and an exception are no storage").isEqualTo(3);
        assertThat(Pattern.read(honest)).isEqualTo(written);
    }

    @Test
    public void memoryThatItBroughtItselfIsNoLie() throws Exception {
        misbehave("allocate:brought");
        assertThat(servedBy("rogue")).hasSize(1);
    }

    @Test
    public void whateverItThrowsIsAnAnswer() throws Exception {
        Pattern.fill(stage.buffer(SIZE), 1);
        for (String kind : List.of(
                "Own", "Unspeakable", "IllegalStateException", "LinkageError", "OutOfMemoryError", "StackOverflowError", "Error")) {
            for (String method : List.of("allocate", "match")) {
                misbehave(method + ":" + kind);
                Attempt attempt = servedByThePool();
                assertThat(attempt.asked()).isEqualTo(method.equals("allocate"));
                assertThat(attempt.text()).as(kind).contains("allocator rogue threw ").contains(named(kind));
            }
            for (String method : List.of("release", "statistics", "describe")) {
                misbehave(method + ":" + kind);
                servedBy("rogue");
                assertListing(method);
            }
            misbehave("compact:" + kind);
            assertThat(servedByThePool().text()).contains("compact me");
        }
    }

    /** What the text must name. */
    private static String named(String kind) {
        return switch (kind) {
            case "LinkageError" -> "java.lang.NoClassDefFoundError";
            case "Own", "Unspeakable" -> "itests.bundles.rogue.Outbursts$" + kind;
            default -> "java.lang." + kind;
        };
    }

    @Test
    public void whereverItHangsTheOthersServeAndItCanBeTakenAway() throws Exception {
        stage.configure("dmabuf.core", Map.of("foreignDeadlineMillis", 50));
        for (String method : METHODS) {
            DmaBuf idle = stage.buffer(SIZE);
            byte[] written = Pattern.fill(idle, 3);
            misbehave(method + ":hang");
            switch (method) {
                case "allocate", "match" -> assertThat(servedByThePool().failure()).contains(Reason.TIMED_OUT);
                case "compact" -> assertThat(servedByThePool().failure()).contains(Reason.FRAGMENTED);
                default -> servedBy("rogue");
            }
            assertListing(method);
            takeAway();
            assertThat(Pattern.read(idle)).isEqualTo(written);
            Stage.update(fault, Map.of("fault", "none:none"));
            rogue = stage.start(TestBundle.of("rogue", "1.0.0", "bank", "rogue"));
            patiently().until(() -> stage.ids().contains("rogue"));
        }
    }

    @Test
    public void whileItHangsOnTheWayOutOfAnotherThatOneCanStop() throws Exception {
        stage.configure("dmabuf.core", Map.of("foreignDeadlineMillis", 50));
        misbehave("match:none");
        stage.device("display", "");
        Bundle bank = stage.start(TestBundle.low("1.0.0"));
        Stage.update(stage.configure("test.low", Map.of()), Map.of("dmabuf.allocator.priority", FIRST + 7));
        patiently().until(() -> stage.ids().getFirst().equals("bank"));
        FiveStates buffers = new FiveStates(stage, "display");
        misbehave("allocate:hang");

        bank.stop();

        patiently().untilAsserted(() -> assertThat(buffers.idle.info().allocator()).contains("pool"));
        buffers.verifyOpenHandles();
        buffers.letGo();
        patiently().untilAsserted(() -> assertThat(FiveStates.infos(buffers.backed()))
                .allMatch(info -> info.allocator().equals(Optional.of("pool"))));
        buffers.verify();
        takeAway();
    }

    /** Stops and uninstalls it from another thread while it still hangs. */
    private void takeAway() throws Exception {
        FutureTask<Boolean> gone = new FutureTask<>(() -> {
            rogue.stop();
            rogue.uninstall();
            Refresh.of(context, List.of(rogue));
            return true;
        });
        Thread.ofPlatform().daemon(true).start(gone);
        assertThat(gone.get(60, SECONDS)).isTrue();
        assertThat(latch.getCount()).as("it still hangs").isEqualTo(1);
    }

    private void misbehave(String how) throws Exception {
        Stage.update(fault, Map.of("fault", how));
        patiently().until(() -> how.equals(reference().getProperty("fault")));
    }

    private ServiceReference<Allocator> reference() throws Exception {
        return context.getServiceReferences(Allocator.class, "(dmabuf.allocator.type=rogue)").iterator().next();
    }

    /** Maps and frees a buffer of a camera that nobody has been asked about yet, and returns what was recorded of the rogue. */
    private Attempt servedByThePool() {
        return servedBy("pool").stream().filter(attempt -> attempt.allocator().equals("rogue")).findFirst().orElseThrow();
    }

    private List<Attempt> servedBy(String allocator) {
        ServiceRegistration<Device> device = stage.device("camera", CAMERA);
        try (DmaBuf frame = stage.buffer(SIZE);
                Attachment camera = frame.attach("camera");
                Mapping mapping = camera.map(Direction.BIDIRECTIONAL)) {
            assertThat(mapping.allocator()).isEqualTo(allocator);
            byte[] written = Pattern.fill(frame, 2);
            assertThat(Pattern.read(frame)).isEqualTo(written);
            return frame.info().lastDecision();
        } finally {
            Stage.unregister(device);
        }
    }

    /** Who spoils its own lines spoils no others. */
    private void assertListing(String method) {
        List<AllocatorInfo> infos = stage.exporter().allocators();
        assertThat(infos).filteredOn(info -> !info.id().equals("rogue")).allMatch(info -> info.statistics().isPresent());
        AllocatorInfo info = infos.stream().filter(each -> each.id().equals("rogue")).findFirst().orElseThrow();
        assertThat(info.statistics().isPresent()).as(method).isEqualTo(!method.equals("statistics"));
        assertThat(info.description().keySet()).as(method)
                .containsExactly(method.equals("describe") ? "description" : "fault");
    }
}
