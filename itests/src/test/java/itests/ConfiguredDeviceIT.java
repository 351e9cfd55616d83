// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.MIB;
import static itests.Stage.patiently;
import static itests.Stage.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Attachment;
import dmabuf.api.Device;
import dmabuf.api.DeviceInfo;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaPath;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;

/** Devices that no tree describes, brought, changed and taken away by the factory PID dmabuf.device. */
public class ConfiguredDeviceIT extends GatewayConfiguration {
    private Stage stage;

    @Override
    protected byte[] board() {
        return TwinBoard.blob();
    }

    @Before
    public void setUp() {
        stage = new Stage(context);
        patiently().until(() -> stage.exporter().devices().size() == 4);
        patiently().until(() -> stage.ids().contains("contig"));
    }

    @After
    public void tearDown() throws Exception {
        stage.close();
    }

    @Test
    public void aConfiguredDeviceSharesAFrameWithOneOfTheBoard() throws Exception {
        stage.configureFactory(
                "dmabuf.device", "radio", Map.of(
                        "name", "radio", "function", "dma", "family", "acme", "maxSegments", 1L, "offset",
                        Stage.hex(TwinBoard.RAM), "maskBits", 32));
        patiently().until(() -> isKnown("radio"));
        assertThat(reference("radio").getBundle().getSymbolicName()).isEqualTo("dmabuf.board");

        DmaBuf frame = stage.buffer(MIB + 1);
        List<Attachment> members = frame.attach(List.of("(family=acme)", "(family=hantro)"));
        try (Mapping radio = members.getFirst().map(Direction.TO_DEVICE)) {
            assertThat(radio.allocator()).isEqualTo("contig");
            assertThat(radio.table().contiguousAddress()).as("on its bus").hasValue(TwinBoard.CMA - TwinBoard.RAM);
        }
    }

    @Test
    public void propertiesChangeInPlaceAndLimitsBringADepartureAndAnArrival() throws Exception {
        Configuration radio = stage.configureFactory("dmabuf.device", "radio", row("align", "4K"));
        patiently().until(() -> isKnown("radio"));
        ServiceReference<Device> first = reference("radio");
        Attachment attachment = stage.buffer(MIB).attach("radio");

        Stage.update(radio, row("align", "4K", "family", "acme"));
        patiently().until(() -> "acme".equals(first.getProperty(Device.FAMILY)));
        attachment.map(Direction.TO_DEVICE).close();

        Stage.update(radio, row("align", "8K", "family", "acme"));
        patiently().until(() -> reference("radio") != null && !first.equals(reference("radio")));
        assertThat(refusal(() -> attachment.map(Direction.TO_DEVICE)).reason()).isEqualTo(Reason.GONE);
        assertThat(device("radio").paths()).containsExactly(DmaPath.parse("align=8K"));
    }

    @Test
    public void aWrongValueLeavesTheOldInForce() throws Exception {
        Configuration radio = stage.configureFactory("dmabuf.device", "radio", row("align", "4K"));
        patiently().until(() -> reference("radio") != null);
        ServiceReference<Device> first = reference("radio");

        Stage.update(radio, row("align", "3"));
        Stage.update(radio, row("align", "4K", "colour", "red"));
        // That this one is seen shows that those before were.
        Stage.update(radio, row("align", "4K", "family", "acme"));
        patiently().until(() -> "acme".equals(first.getProperty(Device.FAMILY)));
        assertThat(reference("radio")).isEqualTo(first);

        radio.delete();
        patiently().until(() -> reference("radio") == null);
    }

    @Test
    public void aDeviceOfTheBoardStandsBackWhileAConfiguredOneHasItsName() throws Exception {
        Configuration codec = stage.configureFactory(
                "dmabuf.device", "codec", Map.of("name", TwinBoard.CODEC, "family", "mine", "function", "decoder"));
        patiently().until(() -> family(TwinBoard.CODEC).equals("mine"));
        assertThat(stage.exporter().devices()).hasSize(4);

        codec.delete();
        patiently().until(() -> family(TwinBoard.CODEC).equals("hantro"));
        assertThat(stage.exporter().devices()).hasSize(4);
    }

    @Test
    public void aPartOfADeviceInheritsFromIt() {
        stage.configureFactory(
                "dmabuf.device", "overlay", Map.of("name", "overlay", "parent", TwinBoard.DISPLAY, "align", "64"));
        patiently().until(() -> stage.exporter().devices().size() == 5);
        DmaPath whole = device(TwinBoard.DISPLAY).paths().getFirst();
        assertThat(device("overlay").paths()).containsExactly(DmaPath.parse("align=64").within(whole));
    }

    private static Map<String, Object> row(String... words) {
        Map<String, Object> row = new HashMap<>(Map.of("name", "radio"));
        for (int i = 0; i < words.length; i += 2) row.put(words[i], words[i + 1]);
        return row;
    }

    /** Returns whether the core knows a device: a service is in the registry a moment before those hear of it who use it. */
    private boolean isKnown(String name) {
        return stage.exporter().devices().stream().anyMatch(device -> device.name().equals(name));
    }

    private ServiceReference<Device> reference(String name) throws Exception {
        return context.getServiceReferences(Device.class, "(" + Device.NAME + "=" + name + ")").stream()
                .findFirst()
                .orElse(null);
    }

    private DeviceInfo device(String name) {
        return stage.exporter().device(name);
    }

    private String family(String name) {
        return stage.exporter().devices().stream()
                .filter(device -> device.name().equals(name))
                .map(device -> String.valueOf(device.properties().get("family")))
                .findFirst()
                .orElse("absent");
    }
}
