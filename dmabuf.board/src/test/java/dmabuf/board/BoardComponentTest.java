// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;

class BoardComponentTest {
    private final FakeBundle bundle = new FakeBundle();
    private final FakeAdmin admin = new FakeAdmin();

    @TempDir
    private Path folder;

    private Path cases;

    @BeforeEach
    void compile() throws IOException {
        cases = Files.write(folder.resolve("cases.dtb"), Dts.fixture("cases"));
    }

    private BoardComponent start(Map<String, Object> configuration) {
        return new BoardComponent(
                bundle.context(),
                configuration,
                admin.admin(),
                new BoardDevices(bundle.context()),
                bundle.logger(),
                new Sysfs(folder.resolve("machine")));
    }

    private static Map<String, Object> configuration(String file, String ram, String... profile) {
        return Map.of("file", file, "ram", ram, "profile", profile, "service.pid", "dmabuf.board");
    }

    private void changed(String pid, int type) {
        @SuppressWarnings("unchecked")
        ServiceReference<ConfigurationAdmin> reference =
                FakeAdmin.proxy(ServiceReference.class, (name, arguments) -> null);
        bundle.listeners.forEach(listener ->
                listener.configurationEvent(new ConfigurationEvent(reference, type, null, pid)));
    }

    @Test
    void theFileThatTheFrameworkNamesIsTheBoard() {
        bundle.properties.put("dmabuf.board.file", cases.toString());
        BoardComponent component = start(configuration("", ""));
        assertThat(bundle.devices).hasSize(12);
        assertThat(bundle.devices.get("/soc@0/codec@1000"))
                .containsEntry(Device.NAME, "/soc@0/codec@1000")
                .containsEntry(Device.FAMILY, "hantro")
                .containsEntry(Device.FUNCTION, new String[] {"decoder"});
        assertThat(admin.stored).containsOnlyKeys(
                "allocator.contig~contig", "allocator.contig~dsp-pool@50000000", "allocator.iommu", "allocator.system");
        assertThat(admin.stored.get("allocator.contig~dsp-pool@50000000"))
                .containsEntry("id", "dsp-pool@50000000")
                .containsEntry("pool", "dsp-pool@50000000")
                .containsEntry("private", "true")
                .containsEntry("source", "model")
                .containsEntry("base", "1342177280")
                .containsEntry("size", "16777216");
        assertThat(bundle.log).containsExactly("info: board 'Cases': 12 devices; allocators"
                + " [contig, dsp-pool@50000000, system, iommu]");
        component.stop();
        assertThat(bundle.devices).isEmpty();
        assertThat(bundle.listeners).isEmpty();
        assertThat(admin.stored).as("all that was made is removed").isEmpty();
    }

    @Test
    void theOperatorsKeysStayAndWin() {
        admin.stored.put(
                "allocator.system", new HashMap<>(Map.of("dmabuf.allocator.priority", 7, "ram", "0..0xfffff", "source", "auto")));
        admin.stored.put(
                "allocator.iommu", new HashMap<>(Map.of("granule", "64K", "ram", "", "aperture", new String[] {""})));
        BoardComponent component = start(configuration(cases.toString(), ""));
        assertThat(admin.stored.get("allocator.system"))
                .containsEntry("ram", "0..0xfffff").containsEntry("source", "auto").doesNotContainKey("dmabuf.board.keys");
        assertThat(admin.stored.get("allocator.iommu")).containsEntry("granule", "64K").containsKey("domains")
                .containsEntry("dmabuf.board.keys", new String[] {"aperture", "domains", "outputBits", "ram", "source"});
        component.stop();
        assertThat(admin.stored.get("allocator.system")).containsEntry("dmabuf.allocator.priority", 7);
        assertThat(admin.stored.get("allocator.iommu")).containsOnly(
                Map.entry("granule", "64K"), Map.entry("service.pid", "allocator.iommu"));
        assertThat(admin.stored).hasSize(2);
    }

    @Test
    void whatACrashedRunLeftBehindIsTakenBack() {
        admin.stored.put("allocator.contig~old", new HashMap<>(Map.of(
                "base", "0", "mine", "1", "dmabuf.board.keys", new String[] {"base"})));
        admin.stored.put("allocator.contig~older", new HashMap<>(Map.of(
                "base", "0", "dmabuf.board.keys", new String[] {"base"})));
        start(configuration(cases.toString(), ""));
        assertThat(admin.stored.get("allocator.contig~old")).containsOnlyKeys("mine", "service.pid");
        assertThat(admin.stored).doesNotContainKey("allocator.contig~older");
    }

    @Test
    void aConfigurationThatSomebodyReplacesIsCompletedAgain() {
        start(configuration(cases.toString(), ""));
        admin.stored.put("allocator.system", new HashMap<>(Map.of("dmabuf.allocator.priority", 7)));
        changed("allocator.system", ConfigurationEvent.CM_UPDATED);
        assertThat(admin.stored.get("allocator.system"))
                .containsEntry("dmabuf.allocator.priority", 7).containsKey("ram");
        changed("somebody.else", ConfigurationEvent.CM_UPDATED);
        assertThat(admin.stored).doesNotContainKey("somebody.else");
    }

    @Test
    void whatAnOperatorWritesWhileItIsCompletedIsNotLost() {
        start(configuration(cases.toString(), ""));
        admin.write("allocator.system", Map.of("dmabuf.allocator.priority", 7));
        admin.meanwhile = () -> admin.write("allocator.system", Map.of("dmabuf.allocator.priority", 8));
        changed("allocator.system", ConfigurationEvent.CM_UPDATED);
        assertThat(admin.stored.get("allocator.system")).containsEntry("dmabuf.allocator.priority", 8);
        changed("allocator.system", ConfigurationEvent.CM_UPDATED);
        assertThat(admin.stored.get("allocator.system"))
                .containsEntry("dmabuf.allocator.priority", 8).containsKey("ram");
    }

    @Test
    void whatAnOperatorWritesInThePlaceOfTheBoardsValueStays() {
        BoardComponent component = start(configuration(cases.toString(), ""));
        Map<String, Object> system = admin.stored.get("allocator.system");
        Object ram = system.put("ram", "0..0xfffff");
        changed("allocator.system", ConfigurationEvent.CM_UPDATED);
        assertThat(admin.stored.get("allocator.system"))
                .containsEntry("ram", "0..0xfffff").containsEntry("dmabuf.board.keys", new String[] {"source"});
        admin.stored.get("allocator.system").put("ram", "");
        changed("allocator.system", ConfigurationEvent.CM_UPDATED);
        assertThat(admin.stored.get("allocator.system"))
                .as("a field that is emptied has the board's value again").containsEntry("ram", ram)
                .containsEntry("dmabuf.board.keys", new String[] {"ram", "source"});
        component.stop();
        assertThat(admin.stored).doesNotContainKey("allocator.system");
    }

    @Test
    void aConfigurationThatSomebodyDeletesIsWrittenAgainAtTheNextEvent() {
        start(configuration(cases.toString(), ""));
        for (String pid : List.of("allocator.contig~contig", "allocator.system")) {
            admin.stored.remove(pid);
            changed(pid, ConfigurationEvent.CM_DELETED);
        }
        assertThat(admin.stored).containsKey("dmabuf.board.deletions")
                .as("other listeners still have to be told").doesNotContainKeys("allocator.contig~contig", "allocator.system");
        changed("dmabuf.board.deletions", ConfigurationEvent.CM_UPDATED);
        assertThat(admin.stored).containsKeys("allocator.contig~contig", "allocator.system")
                .doesNotContainKey("dmabuf.board.deletions");
        changed("dmabuf.board.deletions", ConfigurationEvent.CM_DELETED);
        changed("dmabuf.board.deletions", ConfigurationEvent.CM_UPDATED);
        assertThat(admin.stored).doesNotContainKey("dmabuf.board.deletions");
    }

    @Test
    void whatIsDeletedAgainWaitsForTheEventOfThat() {
        start(configuration(cases.toString(), ""));
        admin.stored.remove("allocator.system");
        changed("allocator.system", ConfigurationEvent.CM_DELETED);
        // An operator wrote it and deleted it again; of that, only the writing is known by now.
        changed("allocator.system", ConfigurationEvent.CM_UPDATED);
        changed("dmabuf.board.deletions", ConfigurationEvent.CM_UPDATED);
        assertThat(admin.stored).doesNotContainKey("allocator.system");
        changed("allocator.system", ConfigurationEvent.CM_DELETED);
        changed("dmabuf.board.deletions", ConfigurationEvent.CM_UPDATED);
        assertThat(admin.stored).containsKey("allocator.system");
    }

    @Test
    void aMarkerThatACrashedRunLeftIsTakenAway() {
        start(configuration(cases.toString(), ""));
        admin.stored.remove("allocator.system");
        changed("allocator.system", ConfigurationEvent.CM_DELETED);
        start(configuration(cases.toString(), ""));
        assertThat(admin.stored).containsKey("allocator.system").doesNotContainKey("dmabuf.board.deletions");
    }

    @Test
    void anAllocatorIsToldWhatTheBoardStatesTogetherWithWhatTheOperatorWrote() {
        BoardComponent component = start(configuration(cases.toString(), ""));
        Map<String, Object> written =
                new HashMap<>(Map.of("service.pid", "allocator.system", "priority", 7, "ram", new String[] {""}));
        bundle.plugins.getFirst().modifyConfiguration(null, FrameworkUtil.asDictionary(written));
        assertThat(written).containsEntry("priority", 7)
                .containsEntry("ram", admin.stored.get("allocator.system").get("ram"));
        Map<String, Object> others = new HashMap<>(Map.of("service.pid", "allocator.contig~mine"));
        bundle.plugins.getFirst().modifyConfiguration(null, FrameworkUtil.asDictionary(others));
        assertThat(others).containsOnlyKeys("service.pid");
        component.stop();
        assertThat(bundle.plugins).isEmpty();
    }

    @Test
    void aChangedConfigurationBringsAnotherBoard() throws IOException {
        Path other = Files.write(folder.resolve("other.dtb"), Dts.compile("/ { model = \"Other\"; gpu@0 {"
                + " compatible = \"arm,mali-400\"; }; };"));
        BoardComponent component = start(configuration(cases.toString(), ""));
        component.configure(configuration(other.toString(), "0..0xfffffff", "arm,mali-400 | mine | gpu | - | test"));
        assertThat(bundle.devices).containsOnlyKeys("/gpu@0");
        assertThat(bundle.devices.get("/gpu@0")).containsEntry(Device.FAMILY, "mine");
        assertThat(admin.stored).containsOnlyKeys("allocator.contig~contig", "allocator.system");
        assertThat(admin.stored.get("allocator.system")).containsEntry("ram", "0x0..0xbffffff");
        assertThat(component.read(other).devices().getFirst().properties()).containsEntry("family", "mine");
    }

    @Test
    void aWrongValueLeavesTheBoardInForceAndSaysWhy() throws IOException {
        BoardComponent component = start(configuration(cases.toString(), ""));
        Path garbage = Files.write(folder.resolve("garbage.dtb"), new byte[64]);
        component.configure(configuration(garbage.toString(), ""));
        component.configure(configuration(cases.toString(), "nonsense"));
        component.configure(configuration(cases.toString(), "", "a | b"));
        component.configure(Map.of("files", cases.toString()));
        assertThat(bundle.devices).hasSize(12);
        assertThat(bundle.log).satisfiesExactly(
                first -> assertThat(first).startsWith("info: board 'Cases'"),
                second -> assertThat(second).isEqualTo("error: the board is refused: " + garbage + ": device tree:"
                        + " the magic number is 0x0, not 0xd00dfeed (offset 0x0); what was in force stays"),
                third -> assertThat(third).startsWith("error: the board is refused: ram=nonsense of dmabuf.board:"
                        + " 'nonsense' is not a range: write lo..hi, both inclusive"),
                fourth -> assertThat(fourth).contains("profile 'a | b': a row is:"),
                fifth -> assertThat(fifth).contains(
                        "unknown key 'files' of dmabuf.board: the keys are file, profile, ram"));
    }

    @Test
    void aStoreThatFailsIsSaidAndHarmsNothingElse() {
        admin.failing = true;
        start(configuration(cases.toString(), ""));
        assertThat(bundle.devices).hasSize(12);
        assertThat(bundle.log).anyMatch(line -> line.startsWith(
                "error: cannot write the configuration allocator.system: java.io.IOException: disk full"));
    }

    @Test
    void withoutAnyBoardTheMachineIsOne() {
        BoardComponent component = start(configuration("", ""));
        assertThat(bundle.devices).isEmpty();
        assertThat(component.current().orElseThrow().nodes()).isEmpty();
        component.configure(configuration(cases.toString(), ""));
        assertThat(component.current().orElseThrow().model()).isEqualTo("Cases");
        component.configure(configuration("", ""));
        assertThat(admin.stored).as("of system memory there is nothing to say").containsOnlyKeys("allocator.contig~contig");
        assertThat(component.current().orElseThrow().allocators())
                .extracting(allocator -> allocator.spec().id()).containsExactly("contig", "system");
        assertThat(admin.stored.get("allocator.contig~contig"))
                .as("real contiguous memory lies anywhere").doesNotContainKeys("ram", "source").containsKey("base");
    }
}
