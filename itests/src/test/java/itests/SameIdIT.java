// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.FiveStates.infos;
import static itests.Stage.MIB;
import static itests.Stage.patiently;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.CpuMode;
import dmabuf.api.DmaBuf;
import dmabuf.api.spi.Allocator;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogReaderService;

/** Two bundles bring an allocator each with the same id: one serves, the other stands by until the id is free. */
public class SameIdIT extends GatewayConfiguration {
    private static final long LOW = 0x2000_0000L;
    private static final long HIGH = 0x3000_0000L;

    private Stage stage;
    private Bundle holder;
    private Bundle second;

    @Before
    public void setUp() throws Exception {
        stage = new Stage(context);
        stage.device("camera", "");
        holder = stage.start(TestBundle.low("1.0.0").named("bank.holder"));
        second = stage.start(TestBundle.high("1.0.0").named("bank.second"));
        patiently().until(() -> bankInfos().size() == 2);
    }

    @After
    public void tearDown() throws Exception {
        stage.close();
    }

    @Test
    public void theSecondStandsByAndBothAreNamed() {
        assertThat(bankInfos()).extracting("bundle", "standby")
                .containsExactlyInAnyOrder(tuple("bank.holder", false), tuple("bank.second", true));
        patiently().untilAsserted(() -> assertThat(log()).contains(
                "allocator id bank of bundle bank.second is taken by bundle bank.holder: it stands by until that leaves"));
        assertThat(served()).isEqualTo(LOW);
    }

    @Test
    public void itTakesOverWhenTheHolderStopsAndKeepsTheIdWhenThatIsBack() throws Exception {
        FiveStates buffers = new FiveStates(stage, "camera");

        holder.stop();

        assertThat(stage.allocator("bank").bundle()).isEqualTo("bank.second");
        assertThat(buffers.idle.info().segments().getFirst().address()).isGreaterThanOrEqualTo(HIGH);
        buffers.verifyOpenHandles();
        buffers.letGo();
        assertThat(infos(buffers.backed())).allMatch(info -> info.moves() == 1);
        buffers.verify();
        holder.start();
        patiently().until(() -> bankInfos().size() == 2);
        assertThat(stage.allocator("bank").bundle()).as("who has it keeps it").isEqualTo("bank.second");
        assertThat(served()).isEqualTo(HIGH);
    }

    @Test
    public void itTakesOverWhenTheHolderIsUpdated() throws Exception {
        DmaBuf frame = stage.buffer(MIB);
        byte[] written = Pattern.fill(frame, 1);

        holder.update(TestBundle.low("2.0.0").named("bank.holder").jar());

        assertThat(stage.allocator("bank").bundle()).isEqualTo("bank.second");
        patiently().until(() -> bankInfos().size() == 2);
        assertThat(Pattern.read(frame)).isEqualTo(written);
        assertThat(frame.info().segments().getFirst().address()).isGreaterThanOrEqualTo(HIGH);
    }

    @Test
    public void itTakesOverWhenTheHolderIsConfiguredToAnotherId() throws Exception {
        DmaBuf frame = stage.buffer(MIB);
        byte[] written = Pattern.fill(frame, 2);
        ServiceReference<Allocator> before = reference(holder);

        Configuration other = stage.configure("test.low", Map.of("dmabuf.allocator.id", "other"));

        patiently().until(() -> stage.ids().contains("other"));
        assertThat(reference(holder)).as("no other registration").isEqualTo(before);
        assertThat(stage.allocator("bank").bundle()).isEqualTo("bank.second");
        assertThat(frame.info().allocator()).as("storage goes by the new id").contains("other");
        assertThat(frame.info().moves()).isZero();
        assertThat(Pattern.read(frame)).isEqualTo(written);

        other.delete();

        patiently().untilAsserted(() -> assertThat(stage.ids()).doesNotContain("other"));
        assertThat(stage.allocator("bank").bundle()).as("the id is taken now").isEqualTo("bank.second");
        patiently().untilAsserted(() -> assertThat(log()).contains(
                "allocator id bank of bundle bank.holder is taken by bundle bank.second: it stands by until that leaves"));
        assertThat(Pattern.read(frame)).isEqualTo(written);
        second.stop();
        assertThat(stage.allocator("bank").bundle()).isEqualTo("bank.holder");
        assertThat(frame.info().allocator()).isEqualTo(Optional.of("bank"));
        frame.close();
        assertThat(stage.allocator("bank").statistics().orElseThrow().live()).as("it got its storage back").isZero();
    }

    private List<AllocatorInfo> bankInfos() {
        return stage.exporter().allocators().stream().filter(info -> info.id().equals("bank")).toList();
    }

    @SuppressWarnings("unchecked")
    private static ServiceReference<Allocator> reference(Bundle bundle) {
        return (ServiceReference<Allocator>) bundle.getRegisteredServices()[0];
    }

    private long served() {
        try (DmaBuf frame = stage.buffer(4096)) {
            frame.beginCpuAccess(CpuMode.READ).close();
            return frame.info().segments().getFirst().address() & 0xff00_0000L;
        }
    }

    private List<String> log() {
        LogReaderService reader = Stage.service(context, LogReaderService.class, null);
        return Collections.list(reader.getLog()).stream().map(LogEntry::getMessage).toList();
    }
}
