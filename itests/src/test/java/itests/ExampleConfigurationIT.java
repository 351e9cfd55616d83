// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.MIB;
import static itests.Stage.patiently;
import static itests.Stage.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.CpuMode;
import dmabuf.api.DeviceInfo;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaPath;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.spi.MemoryService;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.metatype.MetaTypeInformation;
import org.osgi.service.metatype.MetaTypeService;

/** conf/example.json, read at start as conf/gateway.json is: every PID in it takes effect, and it shows every key. */
public class ExampleConfigurationIT extends GatewayConfiguration {
    @Inject
    private ConfigurationAdmin admin;

    @Inject
    private MetaTypeService metatype;

    private Stage stage;

    @Override
    protected List<String> configurations() {
        return List.of("gateway.json", "example.json");
    }

    @Before
    public void setUp() {
        stage = new Stage(context);
        patiently().until(() -> stage.ids().containsAll(List.of("iommu", "system", "contig", "sram")));
        patiently().until(() -> stage.exporter().devices().size() == 3);
    }

    @After
    public void tearDown() throws Exception {
        stage.close();
    }

    @Test
    public void itShowsEveryKeyOfEveryForm() throws Exception {
        Map<String, Set<String>> shown = new TreeMap<>();
        for (Configuration configuration : admin.listConfigurations("(service.pid=*)")) {
            String pid = configuration.getFactoryPid() == null ? configuration.getPid() : configuration.getFactoryPid();
            shown.computeIfAbsent(pid, _ -> new HashSet<>()).addAll(Collections.list(configuration.getProperties().keys()));
        }
        List<Form> forms = Arrays.stream(context.getBundles()).flatMap(this::forms).toList();
        assertThat(forms).extracting(Form::pid).contains("dmabuf.core", "allocator.contig");
        for (Form form : forms) {
            Set<String> missing = new TreeSet<>(form.keys());
            missing.removeAll(shown.getOrDefault(form.pid(), Set.of()));
            assertThat(missing).as("keys of " + form.pid() + " that conf/example.json does not show").isEmpty();
        }
    }

    private Stream<Form> forms(Bundle bundle) {
        MetaTypeInformation forms = metatype.getMetaTypeInformation(bundle);
        return Stream.concat(Stream.of(forms.getPids()), Stream.of(forms.getFactoryPids()))
                .filter(pid -> pid.matches("(dmabuf|allocator)\\..*"))
                .map(pid -> new Form(pid, forms.getObjectClassDefinition(pid, null)));
    }

    @Test
    public void allocatorsAreAsItSays() {
        assertThat(stage.exporter().allocators())
                .extracting(AllocatorInfo::id, AllocatorInfo::priority)
                .containsExactly(tuple("iommu", 310), tuple("system", 210), tuple("contig", 100), tuple("sram", 50));
        assertThat(stage.allocator("sram").statistics().orElseThrow().free()).isEqualTo(MIB);
        assertThat(stage.mapper("/soc/iommu@fd000000").domain()).isEqualTo("/soc/iommu@fd000000");
    }

    @Test
    public void devicesAreAsItSays() {
        DeviceInfo radio = stage.exporter().device("(family=acme-radio)");
        assertThat(radio.name()).isEqualTo("radio");
        assertThat(radio.properties()).containsEntry("node", "/dev/radio0").containsEntry("path", "/soc/radio@fe000000");
        assertThat(radio.paths().getFirst().constraints().accessMask()).as("SYSTEM,CONTIG").isEqualTo(6);
        assertThat(radio.paths()).hasSize(3).contains(DmaPath.parse("maxSegments=1 pools=sram"));
        assertThat(stage.exporter().device("radio-sniffer").parent()).contains("radio");
        DmaBuf frame = stage.buffer(MIB / 2);
        try (Mapping dsp = frame.attach("(function=npu)").map(Direction.TO_DEVICE)) {
            assertThat(dsp.allocator()).isEqualTo("sram");
            assertThat(dsp.table().contiguousAddress()).as("the pool begins at the offset").hasValue(0);
        }
    }

    @Test
    public void capsAreAsItSays() {
        MemoryService memory = Stage.service(context, MemoryService.class, null);
        assertThat(memory.capacity()).isEqualTo(64 * MIB);
        DmaBuf large = stage.buffer(49 * MIB);
        assertThat(refusal(() -> large.beginCpuAccess(CpuMode.READ)).reason()).isEqualTo(Reason.OUT_OF_MEMORY);
        stage.buffer(47 * MIB).beginCpuAccess(CpuMode.READ).close();
    }

    @Test
    public void aFileInTheDropInFolderIsAConfigurationToo() throws Exception {
        Path file = Path.of("target", "deploy", "dmabuf.device-wifi.cfg");
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, "name = wifi\nmaxSegments = 2\nalternatives = align=4K maxSegments=1\n");
            patiently().until(() -> stage.exporter().devices().size() == 4);
            assertThat(stage.exporter().device("wifi").paths())
                    .containsExactly(DmaPath.parse("maxSegments=2"), DmaPath.parse("align=4K maxSegments=1"));
        } finally {
            Files.deleteIfExists(file);
        }
        patiently().until(() -> stage.exporter().devices().size() == 3);
    }
}
