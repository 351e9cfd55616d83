// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.FiveStates.SIZE;
import static itests.FiveStates.infos;
import static itests.Stage.FIRST;
import static itests.Stage.MIB;
import static itests.Stage.patiently;
import static itests.Stage.refusal;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Attachment;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocator;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;

/** An allocator bundle of a stranger comes and goes while buffers are in every state; no byte is lost. */
public class HotPlugIT extends GatewayConfiguration {
    private static final long LOW = 0x2000_0000L;
    private static final long BANK_BYTES = 16 * MIB;

    private Stage stage;
    private List<String> memories;

    @Before
    public void setUp() {
        stage = new Stage(context);
        stage.pool("pool", 0x1000_0000L, BANK_BYTES, FIRST - 1);
        stage.device("camera", "");
        stage.device("near", "range=0x20000000..0x3fffffff");
        memories = Descriptors.memories();
    }

    @After
    public void tearDown() throws Exception {
        stage.close();
        patiently().untilAsserted(() -> assertThat(Descriptors.memories()).as("nothing leaks").isEqualTo(memories));
    }

    @Test
    public void whoArrivesServesTheNextAllocation() throws Exception {
        Attachment deferred = stage.buffer(SIZE).attach("camera");
        DmaBuf refused = stage.buffer(SIZE);
        assertThat(refusal(() -> refused.attach("near")).reason()).isEqualTo(Reason.NO_ALLOCATOR);
        Attachment waiting = stage.buffer(BufferRequest.ofSize(SIZE)
                        .withWaitsForAllocator(true)
                        .withPatience(Duration.ofSeconds(30)))
                .attach("near");
        FutureTask<Mapping> map = new FutureTask<>(() -> waiting.map(Direction.TO_DEVICE));
        Thread waiter = Thread.ofPlatform().start(map);
        patiently().until(() -> waiter.getState() == Thread.State.TIMED_WAITING);

        stage.start(TestBundle.low("1.0.0"));

        assertThat(map.get(30, SECONDS).allocator()).isEqualTo("bank");
        assertThat(refused.attach("near").map(Direction.TO_DEVICE).allocator()).isEqualTo("bank");
        assertThat(deferred.map(Direction.TO_DEVICE).allocator()).as("before the pool").isEqualTo("bank");
    }

    @Test
    public void whatItLeavesMovesAtOnceOrWhenItIsLetGo() throws Exception {
        Bundle bank = stage.start(TestBundle.low("1.0.0"));
        FiveStates buffers = new FiveStates(stage, "camera");
        assertThat(infos(buffers.backed())).allMatch(info -> info.allocator().equals(Optional.of("bank")));

        bank.stop();

        assertThat(buffers.idle.info().allocator()).as("although its creator forbids moves").contains("pool");
        assertThat(infos(buffers.inUse())).allMatch(info -> info.allocator().equals(Optional.of("bank")));
        buffers.verifyOpenHandles();
        buffers.verify();
        buffers.letGo();
        assertThat(infos(buffers.backed()))
                .allMatch(info -> info.allocator().equals(Optional.of("pool")) && info.moves() == 1);
        buffers.verify();
        assertThat(buffers.mapDeferred().allocator()).isEqualTo("pool");
        assertThat(stage.allocator("pool").statistics().orElseThrow().live()).isEqualTo(5);
    }

    @Test
    public void whatNobodyCanTakeStaysValidAndGoesToWhoComes() throws Exception {
        Bundle bank = stage.start(TestBundle.low("1.0.0"));
        FiveStates buffers = new FiveStates(stage, "near");

        bank.stop();

        assertThat(stage.exporter().buffers()).filteredOn(BufferInfo::orphaned).extracting("name").containsExactly("idle");
        buffers.verifyOpenHandles();
        buffers.letGo();
        assertThat(infos(buffers.backed())).allMatch(BufferInfo::orphaned).allMatch(info -> info.moves() == 0);
        assertThat(refusal(buffers::mapDeferred).reason()).isEqualTo(Reason.NO_ALLOCATOR);
        buffers.verify();

        bank.start();

        patiently().untilAsserted(() -> assertThat(infos(buffers.backed())).noneMatch(BufferInfo::orphaned));
        assertThat(infos(buffers.backed())).allMatch(info -> info.moves() == 1);
        buffers.verify();
        assertThat(stage.allocator("bank").statistics().orElseThrow().live()).isEqualTo(4);
    }

    @Test
    public void anOrphanThatItsReturningAllocatorHasNoRoomForStaysOne() throws Exception {
        Bundle bank = stage.start(TestBundle.low("1.0.0"));
        DmaBuf whole = stage.buffer(BANK_BYTES);
        Attachment near = whole.attach("near");
        byte[] written = Pattern.fill(whole, 1);

        bank.stop();
        bank.start();

        patiently().until(() -> stage.ids().contains("bank"));
        assertThat(whole.info().orphaned()).as("a copy needs room beside it").isTrue();
        assertThat(whole.info().segments()).containsExactly(new Segment(LOW, BANK_BYTES));
        assertThat(Pattern.read(whole)).isEqualTo(written);
        near.map(Direction.TO_DEVICE).close();
        Attachment next = stage.buffer(SIZE).attach("near");
        assertThat(refusal(() -> next.map(Direction.TO_DEVICE)).reason())
                .isIn(Reason.OUT_OF_MEMORY, Reason.FRAGMENTED);
        near.close();
        whole.close();
        assertThat(next.map(Direction.TO_DEVICE).table().contiguousAddress()).hasValue(LOW);
    }

    @Test
    public void anUpdateTakesOverWhatOnlyItsBankCanHold() throws Exception {
        Bundle bank = stage.start(TestBundle.low("1.0.0"));
        FiveStates near = new FiveStates(stage, "near");
        FiveStates any = new FiveStates(stage, "camera");

        bank.update(TestBundle.high("2.0.0").jar());

        assertThat(bank.getVersion()).hasToString("2.0.0");
        patiently().untilAsserted(() -> assertThat(near.idle.info().moves()).isEqualTo(1));
        assertThat(any.idle.info().allocator()).as("what moved stays").contains("pool");
        near.verifyOpenHandles();
        any.verifyOpenHandles();
        near.letGo();
        any.letGo();
        assertThat(infos(near.backed())).allMatch(info -> info.allocator().equals(Optional.of("bank")))
                .as("each page of its own").allMatch(info -> info.segments().size() == info.storageSize() / 4096);
        assertThat(infos(any.inUse())).as("it is back").allMatch(info -> info.allocator().equals(Optional.of("bank")));
        near.verify();
        any.verify();
    }

    @Test
    public void anUninstalledOneIsNotNeededForWhatItGave() throws Exception {
        Bundle bank = stage.start(TestBundle.low("1.0.0"));
        FiveStates near = new FiveStates(stage, "near");
        FiveStates any = new FiveStates(stage, "camera");

        bank.uninstall();
        Refresh.of(context, List.of(bank));

        assertThat(context.getServiceReferences(Allocator.class, "(dmabuf.allocator.id=bank)")).isEmpty();
        near.verifyOpenHandles();
        any.verifyOpenHandles();
        near.letGo();
        any.letGo();
        near.verify();
        any.verify();
        assertThat(infos(near.backed())).allMatch(BufferInfo::orphaned);
        assertThat(infos(any.backed())).allMatch(info -> info.allocator().equals(Optional.of("pool")));
        near.free();
        any.free();
    }
}
