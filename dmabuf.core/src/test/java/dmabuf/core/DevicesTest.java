// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.AddressRange;
import dmabuf.api.Device;
import dmabuf.api.DeviceInfo;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Names, filters, and devices that are parts of others. */
class DevicesTest {
    private final Bench bench = new Bench();

    @AfterEach
    void nothingIsLeft() {
        bench.close();
    }

    @Test
    void aDeviceIsMeantByItsNameAUniqueShortNameOrAFilter() {
        add("/soc/video-codec@38300000", Map.of("family", "hantro", "function", new String[] {"decoder", "encoder"}));
        add("/soc/video-codec@38310000", Map.of("family", "hantro"));
        assertThat(named("/soc/video-codec@38300000")).isEqualTo("/soc/video-codec@38300000");
        assertThat(named("video-codec@38310000")).isEqualTo("/soc/video-codec@38310000");
        assertThat(named("(function=encoder)")).isEqualTo("/soc/video-codec@38300000");
        assertThat(named("(family=hantro)")).as("the first by path").isEqualTo("/soc/video-codec@38300000");
        assertThatThrownBy(() -> named("hantro")).hasMessage("unknown device hantro; there are devices with family=hantro");
        assertThat(named("(&(family=hantro)(!(function=*)))")).isEqualTo("/soc/video-codec@38310000");
    }

    @Test
    void theFirstByPathIsSaidWhenAFilterMeansSeveral() {
        List<String> notes = new ArrayList<>();
        try (Core core = new Core(bench.memory, Settings.DEFAULT, new Journal(_ -> {}, notes::add))) {
            for (String path : List.of("/b", "/a")) {
                core.arrivals().addDevice(path, device("dev" + path, ""), Map.of("path", path, "family", "x"), "test");
            }
            assertThat(core.resolve("(family=x)").name()).isEqualTo("dev/a");
        }
        assertThat(notes).containsExactly("(family=x) matches 2 devices; taken is the first by path, dev/a");
    }

    @Test
    void aNameThatLeftIsGoneHoweverItIsWritten() {
        add("/soc/gpu@1", Map.of("family", "lima"));
        bench.sandbox.removeDevice("/soc/gpu@1");
        for (String name : List.of("/soc/gpu@1", "gpu@1", "(family=lima)")) {
            DmaBufException refusal = Bench.refusal(() -> named(name));
            assertThat(refusal.reason()).isEqualTo(Reason.GONE);
            assertThat(refusal).hasMessage("device " + name + " has left");
        }
        add("/soc/gpu@1", Map.of());
        assertThat(named("gpu@1")).isEqualTo("/soc/gpu@1");
        assertThat(Bench.refusal(() -> named("(family=lima)")).reason()).isEqualTo(Reason.INVALID);
    }

    @Test
    void propertiesChangeInPlace() {
        Core core = bench.sandbox.core();
        core.arrivals().addDevice("key", device("cam", ""), Map.of(), "test");
        DeviceEntry before = core.resolve("cam");
        core.devices().update("key", Map.of("node", "/dev/video0"));
        assertThat(core.resolve("(node=/dev/video0)")).isSameAs(before);
    }

    @Test
    void aPartLiesWithinItsParentAndLeavesWithIt() {
        bench.pool("pool", 0, 0x1000_0000L);
        bench.device("dc", "range=0x10000000..0x1fffffff pools=a,b");
        bench.sandbox.addDevice(
                Device.ofParent("overlay", List.of(Bench.path("pools=b,c align=64K")), "dc"), Map.of());
        DeviceInfo overlay = bench.exporter.device("overlay");
        assertThat(overlay.parent()).hasValue("dc");
        assertThat(overlay.paths().getFirst().constraints().pools().orElseThrow()).containsExactly("b");
        assertThat(overlay.paths().getFirst().reachable().intervals())
                .containsExactly(new AddressRange(0x1000_0000L, 0x1fff_ffffL));
        bench.sandbox.removeDevice("dc");
        assertThat(Bench.refusal(() -> named("overlay")).reason()).isEqualTo(Reason.GONE);
        assertThat(bench.exporter.devices()).isEmpty();
    }

    @Test
    void theMappingsOfAPartEndWhenItsParentLeaves() {
        bench.pool("pool", 0, 0x1000_0000L);
        bench.device("dc", "");
        bench.sandbox.addDevice(Device.ofParent("overlay", List.of(Bench.path("")), "dc"), Map.of());
        DmaBuf frame = bench.buffer(4096);
        Mapping mapping = frame.attach("overlay").map(Direction.TO_DEVICE);
        bench.sandbox.removeDevice("dc");
        assertThat(Bench.refusal(mapping::table).reason()).isEqualTo(Reason.GONE);
        assertThat(frame.info().attachments()).isEmpty();
    }

    @Test
    void theOrderOfArrivalIsOfNoAccount() {
        List<String> keys = new ArrayList<>(List.of("whole", "part", "leaf", "lost"));
        for (int round = 0; round < 30; round++) {
            Collections.shuffle(keys, new Random(round));
            Devices devices = new Devices(bench.sandbox.core().chronicle());
            for (String key : keys) {
                devices.add(key, DeviceEntry.of(family(key), Map.of(), "test"));
            }
            assertThat(devices.snapshot().present()).containsOnlyKeys("whole", "part", "leaf");
            assertThat(devices.waiting()).containsExactly("the parent nobody is not present");
            assertThat(devices.remove("part")).extracting(DeviceEntry::name).containsExactlyInAnyOrder("part", "leaf");
            devices.add("part", DeviceEntry.of(family("part"), Map.of(), "test"));
            assertThat(devices.snapshot().present()).containsOnlyKeys("whole", "part", "leaf");
        }
    }

    private static Device family(String name) {
        return switch (name) {
            case "part" -> Device.ofParent(name, List.of(Bench.path("")), "whole");
            case "leaf" -> Device.ofParent(name, List.of(Bench.path("")), "part");
            case "lost" -> Device.ofParent(name, List.of(Bench.path("")), "nobody");
            default -> device(name, "");
        };
    }

    @Test
    void ofTwoWithOneNameTheSecondWaits() {
        Devices devices = new Devices(bench.sandbox.core().chronicle());
        DeviceEntry first = DeviceEntry.of(device("cam", ""), Map.of(), "a");
        DeviceEntry second = DeviceEntry.of(device("cam", ""), Map.of(), "b");
        assertThat(devices.add(1, first)).isEmpty();
        assertThat(devices.add(2, second).orElseThrow()).hasMessage("device cam of b is present already, from a");
        assertThat(devices.remove(1)).containsExactly(first);
        assertThat(devices.isPresent(second)).isTrue();
    }

    private static Device device(String name, String constraints) {
        return Device.of(name, List.of(Bench.path(constraints)));
    }

    private void add(String name, Map<String, ?> properties) {
        bench.sandbox.addDevice(device(name, ""), properties);
    }

    private String named(String text) {
        return bench.exporter.device(text).name();
    }
}
