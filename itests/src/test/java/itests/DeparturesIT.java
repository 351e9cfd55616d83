// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.FIRST;
import static itests.Stage.MIB;
import static itests.Stage.patiently;
import static itests.Stage.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.Attachment;
import dmabuf.api.AttachmentInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.BufferState;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Exporter;
import dmabuf.api.LatePolicy;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.SgTable;
import dmabuf.api.StorageFile;
import dmabuf.api.spi.Allocator;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.Configuration;

/** Allocator bundles and devices that leave while buffers are deferred, idle and in use; no byte is lost. */
public class DeparturesIT extends GatewayConfiguration {
    private static final long POOL = 0x1000_0000L;
    private static final long BANK = 0x2000_0000L;
    private static final int SIZE = 300_000;

    private Stage stage;
    private Bank bank;
    private Configuration pool;

    @Before
    public void setUp() {
        stage = new Stage(context);
        bank = new Bank(BANK, 16 * MIB);
        stage.register(Allocator.class, bank, Bank.properties("bank", FIRST));
        pool = stage.pool("pool", POOL, 16 * MIB, FIRST + 1);
        stage.device("camera", "");
        stage.device("codec", "");
        stage.device("fixed", "range=0x10000000..0x10ffffff");
    }

    @After
    public void tearDown() throws Exception {
        stage.close();
    }

    @Test
    public void idleStorageMovesAtOnceAlsoWhereLateMovesAreForbidden() throws Exception {
        DmaBuf buffer = stage.buffer(BufferRequest.ofSize(SIZE).withLatePolicy(LatePolicy.REFUSE));
        byte[] written = Pattern.fill(buffer, 1);

        stage.stop("allocator.contig");

        assertThat(buffer.info().allocator()).contains("bank");
        assertThat(buffer.info().segments().getFirst().address()).isEqualTo(BANK);
        assertThat(buffer.info().moves()).isEqualTo(1);
        assertThat(buffer.info().orphaned()).isFalse();
        assertThat(Pattern.read(buffer)).isEqualTo(written);
    }

    @Test
    public void mappedStorageStaysUntilItsLastUnmapAndThenMoves() throws Exception {
        DmaBuf buffer = stage.buffer(SIZE);
        byte[] written = Pattern.fill(buffer, 2);
        Attachment camera = buffer.attach("camera");
        Mapping first = camera.map(Direction.BIDIRECTIONAL);
        Mapping second = camera.map(Direction.TO_DEVICE);
        SgTable table = first.table();

        stage.stop("allocator.contig");

        assertThat(first.table()).isEqualTo(table);
        assertThat(first.allocator()).isEqualTo("pool");
        try (StorageFile file = first.openFile()) {
            assertThat(Ram.contents(file, SIZE)).isEqualTo(written);
        }
        Mapping third = camera.map(Direction.TO_DEVICE);
        assertThat(third.table()).as("maps of storage in use go on").isEqualTo(table);
        byte[] changed = Pattern.fill(buffer, 3);
        third.close();
        first.close();
        assertThat(buffer.info().moves()).as("still mapped").isZero();
        second.close();
        assertThat(buffer.info().allocator()).contains("bank");
        try (Mapping again = camera.map(Direction.TO_DEVICE); StorageFile file = again.openFile()) {
            assertThat(again.table().contiguousAddress()).hasValue(BANK);
            assertThat(Ram.contents(file, SIZE)).isEqualTo(changed);
        }
    }

    @Test
    public void aCpuAccessGoesOnAndTheStorageMovesWhenItEnds() throws Exception {
        DmaBuf buffer = stage.buffer(SIZE);
        byte[] written = Pattern.fill(buffer, 4);
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.READ_WRITE)) {
            stage.stop("allocator.contig");
            assertThat(access.segment().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(written);
            access.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) ~written[0]);
        }
        written[0] = (byte) ~written[0];
        assertThat(buffer.info().allocator()).contains("bank");
        assertThat(Pattern.read(buffer)).isEqualTo(written);
    }

    @Test
    public void aDeferredBufferGetsStorageFromWhoIsThere() throws Exception {
        DmaBuf buffer = stage.buffer(SIZE);
        Attachment camera = buffer.attach("camera");
        stage.stop("allocator.contig");
        assertThat(buffer.info().state()).isEqualTo(BufferState.DEFERRED);
        camera.map(Direction.TO_DEVICE).close();
        assertThat(buffer.info().allocator()).contains("bank");
    }

    @Test
    public void theBundleStartsAgainAndServesTheNextBuffer() throws Exception {
        DmaBuf before = stage.buffer(SIZE);
        Pattern.fill(before, 5);
        Bundle contig = stage.ours("allocator.contig");
        stage.stop("allocator.contig");
        assertThat(stage.ids()).doesNotContain("pool", "contig").contains("bank");

        contig.start();

        patiently().untilAsserted(() -> assertThat(stage.ids()).startsWith("pool", "bank").contains("contig"));
        DmaBuf next = stage.buffer(SIZE);
        Pattern.fill(next, 6);
        assertThat(next.info().segments().getFirst().address()).as("a new pool is empty").isEqualTo(POOL);
        assertThat(before.info().allocator()).as("what moved stays").contains("bank");
    }

    @Test
    public void whatNobodyCanTakeIsAnOrphanUntilSomebodyComes() throws Exception {
        DmaBuf buffer = stage.buffer(SIZE);
        Attachment fixed = buffer.attach("fixed");
        byte[] written = Pattern.fill(buffer, 7);
        Bundle contig = stage.ours("allocator.contig");

        stage.stop("allocator.contig");

        assertThat(buffer.info().orphaned()).isTrue();
        assertThat(stage.exporter().buffers()).filteredOn(info -> info.orphaned()).hasSize(1);
        assertThat(Pattern.read(buffer)).isEqualTo(written);
        try (Mapping mapping = fixed.map(Direction.TO_DEVICE); StorageFile file = mapping.openFile()) {
            assertThat(mapping.table().contiguousAddress()).hasValue(POOL);
            assertThat(Ram.contents(file, SIZE)).isEqualTo(written);
        }
        contig.start();
        patiently().untilAsserted(() -> assertThat(buffer.info().orphaned()).isFalse());
        assertThat(stage.allocator("pool").statistics().orElseThrow().live()).isEqualTo(1);
        assertThat(Pattern.read(buffer)).isEqualTo(written);
    }

    @Test
    public void anotherBaseIsADepartureAndAnArrival() {
        DmaBuf idle = stage.buffer(SIZE);
        byte[] written = Pattern.fill(idle, 8);

        Stage.update(pool, Map.of("id", "pool", "base", "0x30000000", "size", "16M", "priority", FIRST + 1));

        patiently().untilAsserted(() -> assertThat(idle.info().moves()).isEqualTo(1));
        assertThat(Pattern.read(idle)).isEqualTo(written);
        patiently().untilAsserted(() -> assertThat(stage.ids()).startsWith("pool"));
        DmaBuf next = stage.buffer(SIZE);
        Pattern.fill(next, 9);
        assertThat(next.info().segments().getFirst().address()).isEqualTo(0x3000_0000L);
    }

    @Test
    public void aDeviceThatLeavesTakesItsMappingsAlongAndNothingElse() {
        ServiceRegistration<Device> leaver = stage.device("leaver", "maxSegments=1 align=1M");
        DmaBuf buffer = stage.buffer(SIZE);
        byte[] written = Pattern.fill(buffer, 10);
        Attachment stays = buffer.attach("codec");
        Mapping good = stays.map(Direction.TO_DEVICE);
        Attachment left = buffer.attach("leaver");
        Mapping ended = left.map(Direction.TO_DEVICE);

        leaver.unregister();

        assertThat(refusal(ended::table).reason()).isEqualTo(Reason.GONE);
        assertThat(refusal(ended::openFile).reason()).isEqualTo(Reason.GONE);
        assertThat(refusal(() -> left.map(Direction.TO_DEVICE)).reason()).isEqualTo(Reason.GONE);
        ended.close();
        left.close();
        assertThat(buffer.info().attachments()).extracting(AttachmentInfo::device).containsExactly("codec");
        assertThat(buffer.info().constraints()).isEqualTo(DmaConstraints.NEUTRAL);
        assertThat(good.table().byteSize()).isGreaterThanOrEqualTo(SIZE);
        assertThat(Pattern.read(buffer)).isEqualTo(written);
        assertThat(refusal(() -> buffer.attach("leaver")).reason()).isEqualTo(Reason.GONE);
        stage.device("leaver", "");
        assertThat(buffer.attach("leaver").map(Direction.TO_DEVICE).table()).isEqualTo(good.table());
    }

    @Test
    public void aBundleThatStopsGivesBackWhatItHolds() throws Exception {
        Bundle owner = stage.bundle("app.owner");
        List<String> memories = Descriptors.memories();
        DmaBuf own = exporterOf(owner).create(BufferRequest.ofSize(SIZE));
        DmaBuf shared = exporterOf(owner).create(BufferRequest.ofSize(SIZE).withName("shared"));
        CpuAccess open = own.beginCpuAccess(CpuRequest.of(CpuMode.WRITE).withShared());
        byte[] written = Pattern.fill(shared, 11);
        Mapping theirs = shared.attach("camera").map(Direction.TO_DEVICE);
        DmaBuf ours = stage.exporter().open(shared.id());
        Attachment member = ours.attach("codec");
        assertThat(own.info().owner()).isEqualTo("app.owner");
        assertThat(own.info().name()).as("the bundle's name").isEqualTo("app.owner");

        owner.stop();

        assertThat(own.info().state()).isEqualTo(BufferState.RELEASED);
        assertThatThrownBy(() -> open.segment().get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(RuntimeException.class);
        assertThat(refusal(() -> own.attach("camera")).reason()).isEqualTo(Reason.GONE);
        assertThat(refusal(theirs::table).reason()).isEqualTo(Reason.GONE);
        assertThat(ours.info().attachments()).extracting(AttachmentInfo::device).containsExactly("codec");
        assertThat(Pattern.read(ours)).isEqualTo(written);
        member.close();
        ours.close();
        assertThat(ours.info().state()).isEqualTo(BufferState.RELEASED);
        patiently().untilAsserted(() -> assertThat(Descriptors.memories()).isEqualTo(memories));
    }

    @Test
    public void aBundleThatIsStartedAgainIsANewOwner() throws Exception {
        Bundle owner = stage.bundle("app.again");
        DmaBuf before = exporterOf(owner).create(BufferRequest.ofSize(SIZE));
        owner.stop();
        owner.start();
        assertThat(refusal(() -> before.move()).reason()).isEqualTo(Reason.GONE);
        DmaBuf after = exporterOf(owner).create(BufferRequest.ofSize(SIZE));
        Pattern.fill(after, 12);
        assertThat(Arrays.hashCode(Pattern.read(after))).isEqualTo(Arrays.hashCode(Pattern.of(12, SIZE)));
    }

    private static Exporter exporterOf(Bundle bundle) {
        return Stage.service(bundle.getBundleContext(), Exporter.class, null);
    }
}
