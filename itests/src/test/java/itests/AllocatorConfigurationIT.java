// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.FiveStates.infos;
import static itests.Stage.FIRST;
import static itests.Stage.MIB;
import static itests.Stage.patiently;
import static itests.Stage.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dmabuf.api.Attachment;
import dmabuf.api.BufferInfo;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.spi.Allocator;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogReaderService;

/** Allocators are configured while their buffers are in use; a wrong configuration changes nothing and is explained. */
public class AllocatorConfigurationIT extends GatewayConfiguration {
    private static final long BASE = 0x1000_0000L;
    private static final long ELSEWHERE = 0x3000_0000L;

    private Stage stage;
    private Configuration pool;
    private final Queue<String> comings = new ConcurrentLinkedQueue<>();
    private final ServiceListener recorder = this::record;

    @Before
    public void setUp() throws Exception {
        stage = new Stage(context);
        stage.device("camera", "");
        stage.device("fixed", "range=0x10000000..0x10ffffff");
        pool = stage.pool("pool", BASE, 16 * MIB, FIRST);
        context.addServiceListener(recorder, "(objectClass=" + Allocator.class.getName() + ")");
    }

    @After
    public void tearDown() throws Exception {
        context.removeServiceListener(recorder);
        stage.close();
    }

    private void record(ServiceEvent event) {
        Object id = event.getServiceReference().getProperty("dmabuf.allocator.id");
        switch (event.getType()) {
            case ServiceEvent.REGISTERED -> comings.add(id + " came");
            case ServiceEvent.UNREGISTERING -> comings.add(id + " left");
            default -> {}
        }
    }

    @Test
    public void aPriorityChangesInPlaceWhoeverHasIt() throws Exception {
        stage.start(TestBundle.low("1.0.0"));
        patiently().until(() -> stage.ids().contains("bank"));
        comings.clear();
        Map<String, ServiceReference<Allocator>> before = new HashMap<>();
        for (String id : List.of("pool", "system", "bank")) before.put(id, reference(id));
        FiveStates buffers = new FiveStates(stage, "camera");
        List<BufferInfo> pictures = infos(buffers.inUse());

        Stage.update(pool, changed(pool, "priority", FIRST + 10));
        patiently().untilAsserted(() -> assertThat(stage.ids()).startsWith("pool", "bank"));
        Configuration bank = stage.configure("test.low", Map.of("dmabuf.allocator.priority", FIRST + 20));
        patiently().untilAsserted(() -> assertThat(stage.ids()).startsWith("bank", "pool"));
        Configuration system = stage.configuration("allocator.system");
        Stage.update(system, changed(system, "priority", FIRST + 30));
        patiently().untilAsserted(() -> assertThat(stage.ids()).startsWith("system", "bank", "pool"));

        assertThat(served("camera")).isEqualTo("system");
        for (String id : before.keySet()) assertThat(reference(id)).isEqualTo(before.get(id));
        assertThat(comings).as("nobody left or came").isEmpty();
        assertThat(infos(buffers.inUse())).as("what is allocated stays").isEqualTo(pictures);
        buffers.verifyOpenHandles();
        buffers.letGo();
        buffers.verify();
        bank.delete();
        patiently().untilAsserted(() -> assertThat(stage.ids()).startsWith("system", "pool", "bank"));
    }

    @Test
    public void anotherBaseMovesWhatIsIdleAndTheRestWhenItIsLetGo() {
        FiveStates buffers = new FiveStates(stage, "camera");

        Stage.update(pool, changed(pool, "base", Stage.hex(ELSEWHERE)));

        patiently().untilAsserted(() -> assertThat(comings).contains("pool came"));
        assertThat(comings).containsExactly("pool left", "pool came");
        patiently().untilAsserted(() -> assertThat(buffers.idle.info().moves()).isEqualTo(1));
        assertThat(infos(buffers.inUse())).allMatch(info -> info.segments().getFirst().address() < BASE + 16 * MIB);
        buffers.verifyOpenHandles();
        buffers.letGo();
        assertThat(infos(buffers.inUse())).allMatch(info -> info.segments().getFirst().address() >= ELSEWHERE);
        buffers.verify();
        try (Mapping mapping = buffers.mapDeferred()) {
            assertThat(mapping.table().contiguousAddress().orElseThrow()).isGreaterThanOrEqualTo(ELSEWHERE);
        }
    }

    @Test
    public void whatFitsOnlyTheOldBaseIsOrphanedUntilThatIsBack() {
        FiveStates buffers = new FiveStates(stage, "fixed");
        Stage.update(pool, changed(pool, "base", Stage.hex(ELSEWHERE)));
        patiently().until(() -> buffers.idle.info().orphaned());
        buffers.verifyOpenHandles();
        buffers.letGo();
        assertThat(infos(buffers.backed())).allMatch(BufferInfo::orphaned);
        assertThat(refusal(buffers::mapDeferred).reason()).isEqualTo(Reason.NO_ALLOCATOR);

        Stage.update(pool, changed(pool, "base", Stage.hex(BASE)));

        patiently().untilAsserted(() -> assertThat(infos(buffers.backed())).noneMatch(BufferInfo::orphaned));
        buffers.verify();
        buffers.mapDeferred().close();
    }

    @Test
    public void aLargerSizeAtTheSameBaseLosesNothing() {
        FiveStates buffers = new FiveStates(stage, "fixed");
        Stage.update(pool, changed(pool, "size", "32M"));
        patiently().untilAsserted(() -> assertThat(stage.allocator("pool").description()).containsEntry("size", "32M"));
        buffers.verifyOpenHandles();
        buffers.letGo();
        patiently().untilAsserted(() -> assertThat(infos(buffers.backed())).noneMatch(BufferInfo::orphaned));
        buffers.verify();
        assertThat(stage.allocator("pool").statistics().orElseThrow().live()).isEqualTo(4);
    }

    @Test
    public void theCapChangesInPlaceAndTakesNothingAway() {
        FiveStates buffers = new FiveStates(stage, "camera");
        Configuration core = stage.configure("dmabuf.core", Map.of("cap", "1M"));
        patiently().untilAsserted(() -> assertThat(catchThrowable(() -> served("camera")))
                .isInstanceOfSatisfying(DmaBufException.class, refusal -> assertThat(refusal.reason())
                        .isEqualTo(Reason.OUT_OF_MEMORY)));
        buffers.verifyOpenHandles();
        buffers.verify();
        assertThat(comings).isEmpty();
        Stage.update(core, Map.of("cap", "64M"));
        patiently().ignoreException(DmaBufException.class).until(() -> served("camera").equals("pool"));
    }

    @Test
    public void aWrongValueLeavesTheOldInForceAndSaysWhatWouldBeRight() throws Exception {
        FiveStates buffers = new FiveStates(stage, "camera");
        List<BufferInfo> pictures = infos(buffers.inUse());
        List<String> ids = stage.ids();
        refused(pool, "size", "much", "size=much", "is not a number: write decimal, 0x or 0b");
        refused(pool, "base", "-1", "base=-1", "is not a number");
        refused(pool, "priority", "first", "priority=first", "write a whole number from -2147483648 to 2147483647");
        refused(pool, "colour", "red", "unknown key 'colour'", "the keys are");
        refused(pool, "bit", "64", "bit=64", "a number from 0 to 63");
        Configuration system = stage.configuration("allocator.system");
        refused(system, "reserved", "all", "reserved=all", "..");
        Configuration iommu = stage.configure("allocator.iommu", Map.of("domains", "it-space"));
        patiently().until(() -> stage.ids().contains("iommu"));
        refused(iommu, "granule", "3000", "granule=3000", "power of two");
        Configuration core = stage.configure("dmabuf.core", Map.of());
        refused(core, "foreignDeadlineMillis", "0", "foreignDeadlineMillis=0", "write a number from 1 to 60000");
        refused(core, "cap", "plenty", "plenty", "is not a number");
        refused(stage.configure("dmabuf.linux", Map.of()), "capacity", "plenty", "plenty", "stays");

        assertThat(stage.ids()).containsAll(ids);
        assertThat(infos(buffers.inUse())).isEqualTo(pictures);
        assertThat(comings).as("nobody but the one that was configured").filteredOn(line -> !line.startsWith("iommu")).isEmpty();
        buffers.verifyOpenHandles();
        buffers.verify();
    }

    /** Writes a wrong value, waits until the log says so in these words, and takes it back. */
    private void refused(Configuration configuration, String key, Object value, String... words) {
        Map<String, Object> right = FrameworkUtil.asMap(configuration.getProperties());
        Map<String, Object> before = new HashMap<>(right);
        Stage.update(configuration, changed(configuration, key, value));
        patiently().untilAsserted(() -> assertThat(log())
                .as(key + "=" + value)
                .anySatisfy(line -> assertThat(line).contains(words).contains("in force")));
        Stage.update(configuration, before);
    }

    private static Map<String, Object> changed(Configuration configuration, String key, Object value) {
        Map<String, Object> properties = new HashMap<>(FrameworkUtil.asMap(configuration.getProperties()));
        properties.put(key, value);
        return properties;
    }

    private String served(String device) {
        try (DmaBuf buffer = stage.buffer(4096);
                Attachment member = buffer.attach(device);
                Mapping mapping = member.map(Direction.TO_DEVICE)) {
            return mapping.allocator();
        }
    }

    private ServiceReference<Allocator> reference(String id) throws Exception {
        return context.getServiceReferences(Allocator.class, "(dmabuf.allocator.id=" + id + ")").iterator().next();
    }

    private List<String> log() {
        LogReaderService reader = Stage.service(context, LogReaderService.class, null);
        return Collections.list(reader.getLog()).stream().map(LogEntry::getMessage).toList();
    }
}
