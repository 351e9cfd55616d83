// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.patiently;
import static itests.Stage.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Exporter;
import dmabuf.api.Fence;
import dmabuf.api.FenceRequest;
import dmabuf.api.FenceSource;
import dmabuf.api.FenceState;
import dmabuf.api.FenceUsage;
import dmabuf.api.MapRequest;
import dmabuf.api.Reason;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;

/** Fences between bundles: a decoder writes, a display reads, and either may stop. */
public class FencesIT extends GatewayConfiguration {
    private static final Duration LONG = Duration.ofSeconds(60);

    private Stage stage;
    private DmaBuf frame;
    private Attachment display;

    @Before
    public void setUp() {
        stage = new Stage(context);
        stage.device("display", "");
        frame = stage.exporter().create(BufferRequest.ofSize(4096).withName("frame"));
        display = frame.attach("display");
    }

    @After
    public void tearDown() throws Exception {
        stage.close();
    }

    private static DmaBuf shared(Bundle bundle, DmaBuf buffer) {
        return Stage.service(bundle.getBundleContext(), Exporter.class, null).share(buffer);
    }

    private static FenceRequest writing() {
        return FenceRequest.of(FenceUsage.WRITE, LONG).withName("decode");
    }

    /** Reads once the writers have done; answers the reason of a refusal. */
    private static CompletableFuture<String> reader(DmaBuf buffer) {
        return CompletableFuture.supplyAsync(() -> {
            try (CpuAccess access = buffer.beginCpuAccess(CpuMode.READ)) {
                return "read in mode " + access.mode();
            } catch (DmaBufException e) {
                return e.reason() + ": " + e.getMessage();
            }
        });
    }

    @Test
    public void aReaderWaitsForTheWriterOfAnotherBundle() throws Exception {
        FenceSource decode = shared(stage.bundle("app.decoder"), frame).addFence(writing());
        assertThat(refusal(() -> display.map(MapRequest.of(Direction.TO_DEVICE).withTrying())))
                .hasMessage("buffer frame waits for write fence decode of bundle app.decoder on frame#" + frame.id());
        CompletableFuture<String> reader = reader(frame);
        decode.signal();
        assertThat(reader.get(60, TimeUnit.SECONDS)).isEqualTo("read in mode READ");
        display.map(MapRequest.of(Direction.FROM_DEVICE).withTrying()).close();
    }

    @Test
    public void aBundleThatStopsFailsItsFencesAndHearsOfNoOthers() throws Exception {
        Bundle decoder = stage.bundle("app.decoder");
        DmaBuf theirs = shared(decoder, frame);
        FenceSource decode = theirs.addFence(writing());
        FenceSource scan = frame.addFence(FenceRequest.of(FenceUsage.READ, LONG));
        BlockingQueue<Fence> told = new LinkedBlockingQueue<>();
        BlockingQueue<Fence> toldThem = new LinkedBlockingQueue<>();
        frame.fences().getFirst().onDone(told::add);
        theirs.fences().getLast().onDone(toldThem::add);

        decoder.stop();

        Fence failed = told.poll(60, TimeUnit.SECONDS);
        assertThat(failed).isNotNull();
        assertThat(failed.error().orElseThrow().reason()).isEqualTo(Reason.GONE);
        assertThat(failed.error().orElseThrow().text()).startsWith("bundle app.decoder has stopped before write fence decode");
        assertThat(decode.signal()).isFalse();
        assertThat(frame.fences()).containsExactly(scan.fence());
        scan.signal();
        assertThat(scan.fence().await(LONG)).isTrue();
        assertThat(toldThem).isEmpty();
        frame.beginCpuAccess(CpuMode.WRITE).close();
    }

    @Test
    public void theCoreThatStopsFailsAllAndLeavesNoThread() throws Exception {
        FenceSource decode = frame.addFence(writing());
        CompletableFuture<String> reader = reader(frame);

        Bundle core = stage.ours("dmabuf.core");
        core.stop();
        core.start();

        assertThat(reader.get(60, TimeUnit.SECONDS)).startsWith("GONE: ");
        assertThat(decode.fence().state()).isEqualTo(FenceState.FAILED);
        assertThat(decode.fence().error().orElseThrow().text()).startsWith("the runtime has stopped before write fence");
        assertThat(decode.signal()).isFalse();
        patiently().untilAsserted(() -> assertThat(threads()).isEmpty());
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream()
                .map(Thread::getName)
                .filter(name -> name.equals("dmabuf-deadlines") || name.equals("dmabuf-sync-file"))
                .toList();
    }
}
