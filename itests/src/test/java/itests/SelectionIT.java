// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.FIRST;
import static itests.Stage.MIB;
import static itests.Stage.patiently;
import static itests.Stage.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dmabuf.api.Attachment;
import dmabuf.api.Attempt;
import dmabuf.api.Blame;
import dmabuf.api.BufferRequest;
import dmabuf.api.BufferState;
import dmabuf.api.CpuMode;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.Allocator;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.cm.Configuration;
import org.osgi.service.log.LogEntry;
import org.osgi.service.log.LogReaderService;

/** Who is asked first, who is asked at all, and what happens when they fail. */
public class SelectionIT extends GatewayConfiguration {
    private static final long BASE = 0x1_0000_0000L;
    private static final long BANK = 16 * MIB;

    private Stage stage;

    @Before
    public void setUp() {
        stage = new Stage(context);
    }

    @After
    public void tearDown() throws Exception {
        stage.close();
    }

    @Test
    public void higherPriorityFirstThenTheIdByCodePoints() {
        bank("b", FIRST, 0);
        bank("\uff5e", FIRST, 1);
        bank("\ud83d\udcf7", FIRST, 2);
        bank("B", FIRST, 3);
        bank("z", FIRST + 1, 4);

        assertThat(stage.ids()).startsWith("z", "B", "b", "\uff5e", "\ud83d\udcf7");
        for (int i = 0; i < 100; i++) {
            assertThat(served()).isEqualTo("z");
        }
    }

    @Test
    public void serviceRankingPlaysNoPart() {
        Map<String, Object> properties = Bank.properties("late", FIRST);
        properties.put("service.ranking", Integer.MAX_VALUE);
        stage.register(Allocator.class, new Bank(BASE, MIB), properties);
        bank("early", FIRST, 1);

        assertThat(stage.ids()).startsWith("early", "late");
    }

    @Test
    public void aPriorityChangedByConfigurationSortsAnewAtOnce() throws Exception {
        stage.pool("one", BASE, MIB, FIRST + 1);
        Configuration two = stage.pool("two", BASE + MIB, MIB, FIRST);
        Object service = reference("two").getProperty("service.id");
        DmaBuf before = stage.buffer(4096);
        before.beginCpuAccess(CpuMode.READ).close();

        Stage.update(two, changed(two, "dmabuf.allocator.priority", FIRST + 2));

        patiently().untilAsserted(() -> assertThat(stage.ids()).startsWith("two", "one"));
        assertThat(reference("two").getProperty("service.id")).as("the registration").isEqualTo(service);
        assertThat(before.info().allocator()).as("what is allocated stays").contains("one");
        assertThat(before.info().moves()).isZero();
        assertThat(served()).isEqualTo("two");

        Stage.update(two, changed(two, "dmabuf.allocator.priority", "high"));
        patiently().untilAsserted(() -> assertThat(log()).anyMatch(line -> line.contains("priority=high")));
        assertThat(stage.ids()).as("a wrong value leaves the old one in force").startsWith("two", "one");
    }

    @Test
    public void aTakenIdStandsByAndTakesOver() throws Exception {
        Bundle holder = stage.bundle("bank.holder");
        Bundle second = stage.bundle("bank.second");
        register(holder, new Bank(BASE, BANK), Bank.properties("taken", FIRST));
        register(second, new Bank(BASE + BANK, BANK), Bank.properties("taken", FIRST + 5));
        assertThat(stage.exporter().allocators())
                .filteredOn(info -> info.id().equals("taken"))
                .extracting("bundle", "standby")
                .containsExactly(
                        tuple("bank.holder", false),
                        tuple("bank.second", true));
        patiently().untilAsserted(() -> assertThat(log())
                .anyMatch(line -> line.contains("bank.holder") && line.contains("bank.second")));
        DmaBuf buffer = stage.buffer(MIB);
        byte[] written = Pattern.fill(buffer, 1);
        assertThat(buffer.info().segments()).containsExactly(new Segment(BASE, MIB));

        holder.stop();

        assertThat(buffer.info().segments()).as("moved at once").containsExactly(new Segment(BASE + BANK, MIB));
        assertThat(Pattern.read(buffer)).isEqualTo(written);
        assertThat(stage.allocator("taken").bundle()).isEqualTo("bank.second");
        assertThat(stage.allocator("taken").priority()).isEqualTo(FIRST + 5);
    }

    @Test
    public void aServiceWithoutAnIdIsRefusedItsBundleNamed() {
        Bundle nameless = stage.bundle("bank.nameless");
        int before = stage.exporter().allocators().size();

        register(nameless, new Bank(BASE, MIB), Map.of("dmabuf.allocator.priority", FIRST));

        patiently().untilAsserted(() -> assertThat(log())
                .anyMatch(line -> line.contains("bank.nameless") && line.contains("dmabuf.allocator.id")));
        assertThat(stage.exporter().allocators()).hasSize(before);
    }

    @Test
    public void whoDoesNotMatchEveryDeviceIsPassedOver() {
        bank("codecs", FIRST + 1, 0).matching = device -> device.device().equals("codec");
        bank("all", FIRST, 1);
        stage.device("codec", "");
        stage.device("camera", "");
        DmaBuf buffer = stage.buffer(4096);
        Attachment codec = buffer.attach("codec");
        try (Attachment camera = buffer.attach("camera"); Mapping mapping = camera.map(Direction.TO_DEVICE)) {
            assertThat(mapping.allocator()).isEqualTo("all");
        }
        Attempt passedOver = buffer.info().lastDecision().getFirst();
        assertThat(passedOver.allocator()).isEqualTo("codecs");
        assertThat(passedOver.asked()).isFalse();
        assertThat(passedOver.failure()).contains(Reason.NO_ALLOCATOR);
        assertThat(passedOver.text()).contains("does not match camera");
        assertThat(stage.exporter().device("camera").accepting()).contains("all").doesNotContain("codecs");
        buffer.move();
        assertThat(codec.map(Direction.TO_DEVICE).allocator()).as("once the camera left").isEqualTo("codecs");
    }

    @Test
    public void anAllocatorWithABitServesOnlyMasksThatHaveIt() {
        stage.pool("fast", pool(0, FIRST + 1, Map.of("bit", 1)));
        stage.pool("big", pool(1, FIRST, Map.of("bit", "2")));
        stage.device("both", "access=0b110");
        stage.device("second", "access=0b100");
        stage.device("neither", "access=0b1000 range=0x100000000..0x1ffffffff");

        assertThat(served("both")).isEqualTo("fast");
        assertThat(served("second")).isEqualTo("big");
        assertThat(served("both", "second")).isEqualTo("big");
        DmaBufException refused = refusal(() -> served("neither"));
        assertThat(refused.reason()).isEqualTo(Reason.NO_ALLOCATOR);
        assertThat(refused.explanation().blames()).as("every one that is present")
                .extracting(Blame::name).contains("fast", "big");
    }

    @Test
    public void aDeviceThatPermitsPoolsGetsNoOtherMemory() {
        stage.pool("cma", pool(0, FIRST + 2, Map.of("pool", "cma")));
        stage.pool("dsp-own", pool(1, FIRST + 1, Map.of("pool", "dsp", "private", true)));
        bank("anywhere", FIRST + 3, 2);
        stage.device("dsp", "pools=dsp,cma");
        stage.device("dsp-strict", "pools=dsp");
        stage.device("any", "");

        assertThat(served("any")).isEqualTo("anywhere");
        assertThat(served("dsp")).isEqualTo("cma");
        assertThat(served("dsp-strict")).isEqualTo("dsp-own");
        assertThat(served("dsp-strict", "dsp")).isEqualTo("dsp-own");
        assertThat(refusal(() -> served("dsp-strict", "any")).reason())
                .as("the pool is the co-processor's alone")
                .isEqualTo(Reason.NO_ALLOCATOR);
    }

    @Test
    public void whoFailsIsPassedOverAndEveryReasonKept() {
        bank("throws", FIRST + 4, 0).allocating = request -> {
            throw new IllegalStateException("broken");
        };
        bank("full", FIRST + 3, 1).allocating = Bank.failing(Reason.OUT_OF_MEMORY, "nothing left");
        bank("lies", FIRST + 2, 2).allocating = request ->
                Allocation.of(request.memory(request.storageSize()), List.of(new Segment(BASE, 4096)));
        bank("serves", FIRST + 1, 3);
        List<String> memories = Descriptors.memories();
        DmaBuf buffer = stage.buffer(MIB);
        buffer.beginCpuAccess(CpuMode.READ).close();

        assertThat(buffer.info().allocator()).contains("serves");
        assertThat(buffer.info().lastDecision().subList(0, 4))
                .extracting(Attempt::allocator, attempt -> attempt.failure().orElse(null))
                .containsExactly(
                        tuple("throws", Reason.NO_ALLOCATOR),
                        tuple("full", Reason.OUT_OF_MEMORY),
                        tuple("lies", Reason.INVALID),
                        tuple("serves", null));
        assertThat(Descriptors.memories()).as("only the buffer's own").hasSize(memories.size() + 1);
    }

    @Test
    public void whenAllAreFullItIsOutOfMemoryAndALaterMapMaySucceed() {
        Bank bank = bank("only", FIRST, 0);
        bank.allocating = Bank.failing(Reason.OUT_OF_MEMORY, "nothing left");
        stage.device("far", "range=0x100000000..0x1ffffffff");
        DmaBuf buffer = stage.buffer(4096);
        Attachment far = buffer.attach("far");

        DmaBufException refused = refusal(() -> far.map(Direction.TO_DEVICE));

        assertThat(refused.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
        assertThat(refused.explanation().blames()).containsExactly(Blame.of("only"));
        assertThat(refused).hasMessageContaining("nothing left");
        assertThat(buffer.info().state()).isEqualTo(BufferState.DEFERRED);
        bank.allocating = new Bank(BASE, MIB).allocating;
        assertThat(far.map(Direction.TO_DEVICE).allocator()).isEqualTo("only");
    }

    private Bank bank(String id, int priority, int place) {
        Bank bank = new Bank(BASE + place * BANK, BANK);
        stage.register(Allocator.class, bank, Bank.properties(id, priority));
        return bank;
    }

    private static ServiceRegistration<?> register(Bundle bundle, Bank bank, Map<String, ?> properties) {
        return bundle.getBundleContext()
                .registerService(Allocator.class, bank, FrameworkUtil.asDictionary(properties));
    }

    private static Map<String, Object> pool(int place, int priority, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("base", Stage.hex(BASE + place * BANK));
        settings.put("size", "16M");
        settings.put("priority", priority);
        return settings;
    }

    private static Map<String, Object> changed(Configuration configuration, String key, Object value) {
        Map<String, Object> properties = new HashMap<>(FrameworkUtil.asMap(configuration.getProperties()));
        properties.put(key, value);
        return properties;
    }

    /** Returns who serves a new buffer of these devices; without any, the CPU. */
    private String served(String... devices) {
        try (DmaBuf buffer = stage.exporter().create(BufferRequest.ofSize(4096))) {
            List<Attachment> members = buffer.attach(List.of(devices));
            buffer.beginCpuAccess(CpuMode.READ).close();
            String allocator = buffer.info().allocator().orElseThrow();
            members.forEach(Attachment::close);
            return allocator;
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
