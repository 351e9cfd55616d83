// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.MIB;
import static itests.Stage.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.AddressKnowledge;
import dmabuf.api.CpuMode;
import dmabuf.api.DmaBuf;
import dmabuf.api.StorageSource;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.MemorySource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.cm.Configuration;

/** What this very machine has: the allocators say which source they take and why no better one, and take just that. */
public class MemorySourcesIT extends GatewayConfiguration {
    private Stage stage;
    private MemoryService memory;

    @Before
    public void setUp() {
        stage = new Stage(context);
        memory = Stage.service(context, MemoryService.class, null);
        patiently().until(() -> stage.ids().contains("system"));
    }

    @After
    public void tearDown() throws Exception {
        stage.close();
    }

    @Test
    public void systemSaysWhatItTakesAndTakesIt() throws Exception {
        // A twin has the board model; what an operator writes goes before.
        write("allocator.system", Map.of("source", "auto"));
        patiently().untilAsserted(() -> assertThat(stage.allocator("system").description()).containsKey("source"));
        Map<String, String> said = stage.allocator("system").description();
        System.out.println("system on this machine: " + said);
        DmaBuf frame = stage.buffer(MIB);
        frame.beginCpuAccess(CpuMode.WRITE).close();
        StorageSource source = frame.info().source().orElseThrow();
        boolean heap = memory.probe(MemorySource.heap("system")).isUsable();
        boolean udmabuf = memory.probe(MemorySource.UDMABUF).isUsable();
        assertThat(source.name()).isEqualTo(heap ? "heap:system" : udmabuf ? "udmabuf" : "memfd");
        assertThat(source.addresses() == AddressKnowledge.MODEL).isEqualTo(!heap && !udmabuf);
        assertThat(said.get("source")).startsWith(source.name());
        if (!Files.exists(Path.of("/dev/dma_heap/system"))) {
            assertThat(said.get("source not heap:system")).contains("/dev/dma_heap/system").contains("ENOENT");
        }
        if (!udmabuf && !heap) {
            assertThat(said.get("source not udmabuf")).contains("/dev/udmabuf");
        }
    }

    @Test
    public void thePoolContigAloneTakesFromTheDefaultArea() throws Exception {
        write("allocator.contig~contig", Map.of("source", "auto"));
        patiently().untilAsserted(() -> assertThat(stage.allocator("contig").description()).containsKey("source"));
        stage.pool("sram", 0x20_0000_0000L, MIB, 1);
        assertThat(stage.allocator("sram").description()).containsKeys("source", "source not heap:sram");
        Map<String, String> said = stage.allocator("contig").description();
        System.out.println("contig on this machine: " + said);
        List<String> notTaken = List.of(
                "source not heap:reserved", "source not heap:linux,cma", "source not heap:default_cma_region");
        assertThat(said.get("source").startsWith("heap:") || said.keySet().containsAll(notTaken))
                .as("what is taken, or all that is not: " + said)
                .isTrue();
    }

    @Test
    public void modelAloneIsTheBoardModelWhateverThereIs() throws Exception {
        write("allocator.system", Map.of("source", "model", "priority", Stage.FIRST));
        patiently().untilAsserted(() -> assertThat(stage.allocator("system").priority()).isEqualTo(Stage.FIRST));
        assertThat(stage.allocator("system").description()).containsOnlyKeys("ram");
        DmaBuf frame = stage.buffer(MIB);
        frame.beginCpuAccess(CpuMode.WRITE).close();
        assertThat(frame.info().source()).hasValue(new StorageSource("memfd", AddressKnowledge.MODEL));
        assertThat(frame.info().segments()).isNotEmpty();
    }

    /** Writes more into a configuration that the board made. */
    private void write(String pid, Map<String, Object> more) throws IOException {
        Configuration configuration = stage.configuration(pid);
        Map<String, Object> settings = new HashMap<>(FrameworkUtil.asMap(configuration.getProperties()));
        settings.putAll(more);
        Stage.update(configuration, settings);
    }
}
