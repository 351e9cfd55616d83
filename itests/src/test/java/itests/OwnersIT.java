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
import dmabuf.api.Exporter;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.SgTable;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;

/** Whose a buffer is: of the bundle that created it, as long as that runs; others have references of their own. */
public class OwnersIT extends GatewayConfiguration {
    private static final int SIZE = 100_000;

    private Stage stage;
    private List<String> memories;

    @Before
    public void setUp() {
        stage = new Stage(context);
        stage.device("codec", "");
        memories = Descriptors.memories();
    }

    @After
    public void tearDown() throws Exception {
        stage.close();
    }

    @Test
    public void aBundleThatStopsWithAThreadInsideLeavesTheBufferToTheOthers() throws Exception {
        Bundle owner = stage.bundle("app.owner");
        DmaBuf theirs = exporterOf(owner).create(BufferRequest.ofSize(SIZE));
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        CompletableFuture<Reason> thread = CompletableFuture.supplyAsync(() -> stayInside(theirs, inside, over));
        inside.await();
        DmaBuf ours = stage.exporter().open(theirs.id());
        Attachment codec = ours.attach("codec");
        Mapping mapping = codec.map(Direction.TO_DEVICE);
        SgTable table = mapping.table();

        owner.stop();

        assertThat(refusal(() -> theirs.beginCpuAccess(CpuMode.READ)).reason()).isEqualTo(Reason.GONE);
        assertThat(mapping.table()).isEqualTo(table);
        assertThat(Pattern.read(ours)).containsOnly(7);
        mapping.close();
        codec.close();
        ours.close();
        patiently().untilAsserted(() -> assertThat(Descriptors.memories()).isEqualTo(memories));
        over.countDown();
        assertThat(thread.get()).as("what the thread inside is told").isEqualTo(Reason.GONE);
    }

    private static Reason stayInside(DmaBuf buffer, CountDownLatch inside, CountDownLatch over) {
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.READ_WRITE)) {
            MemorySegment segment = access.segment();
            segment.fill((byte) 7);
            inside.countDown();
            over.await();
            segment.fill((byte) 8);
            assertThat(segment.toArray(ValueLayout.JAVA_BYTE)).hasSize(SIZE);
            return refusal(access::segment).reason();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    public void onlyHandlesOfThisRuntimeAreShared() throws Exception {
        Bundle owner = stage.bundle("app.owner");
        DmaBuf theirs = exporterOf(owner).create(BufferRequest.ofSize(SIZE));
        DmaBuf ours = stage.exporter().share(theirs);
        assertThat(ours.id()).isEqualTo(theirs.id());
        DmaBuf counterfeit = (DmaBuf) Proxy.newProxyInstance(
                DmaBuf.class.getClassLoader(), new Class<?>[] {DmaBuf.class}, (_, _, _) -> ours.id());
        assertThat(refusal(() -> stage.exporter().share(counterfeit)).reason()).isEqualTo(Reason.INVALID);

        Bundle core = stage.ours("dmabuf.core");
        core.stop();
        core.start();

        assertThat(refusal(() -> stage.exporter().share(theirs)).reason()).isEqualTo(Reason.INVALID);
        assertThat(stage.exporter().buffers()).as("it starts empty").isEmpty();
        ours.close();
    }

    private static Exporter exporterOf(Bundle bundle) {
        return Stage.service(bundle.getBundleContext(), Exporter.class, null);
    }
}
