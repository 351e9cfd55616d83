// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.AccessBits;
import dmabuf.api.BusWindow;
import dmabuf.api.Device;
import dmabuf.api.DmaPath;
import dmabuf.api.Exporter;
import dmabuf.api.spi.Board.BoardDevice;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfiguredDeviceTest {
    private final FakeBundle bundle = new FakeBundle();
    private final BoardDevices devices = new BoardDevices(bundle.context());

    private final AtomicReference<AccessBits> names = new AtomicReference<>(AccessBits.NONE);
    private final Exporter core = FakeAdmin.proxy(Exporter.class, (name, arguments) -> names.get());

    private ConfiguredDevice start(Map<String, Object> configuration) {
        return new ConfiguredDevice(devices, core, bundle.logger(), configuration);
    }

    private static Map<String, Object> named(String name, Object... more) {
        Map<String, Object> configuration = new HashMap<>(Map.of("name", name, "service.pid", "dmabuf.device~1"));
        for (int i = 0; i < more.length; i += 2) {
            configuration.put((String) more[i], more[i + 1]);
        }
        return configuration;
    }

    private static BoardDevice board(String name) {
        return new BoardDevice(Device.of(name, List.of(DmaPath.parse(""))), Map.of("name", name, "family", "board"));
    }

    @Test
    void theWholeRowIsRead() {
        Map<String, Object> row = named("radio");
        row.putAll(Map.of(
                "range", "0..0xffffffff", "align", "4K", "maxSegments", 7L, "maxSegmentSize", "64K", "boundary",
                65536, "granule", "16", "divisor", "3", "minSize", "1", "maxSize", "1G", "access", "0b110"));
        row.putAll(Map.of(
                "pools", new String[] {"sram", "a,b"}, "coherent", true, "secure", "true", "exclusive", true,
                "iommu", "/iommu@1", "maskBits", 30, "aperture", "0..0xffffff", "dmaCoherent", true,
                "window", new String[] {"0..0xfffff@1M", "2M..0x2fffff@4M"},
                "alternatives", new String[] {"maxSegments=1 pools=a,b", "offset=-1M"}));
        Device device = DeviceSettings.of(row, AccessBits.NONE).device();
        assertThat(device.name()).isEqualTo("radio");
        assertThat(device.paths()).containsExactly(
                DmaPath.parse("range=0..0xffffffff align=4K maxSegments=7 maxSegmentSize=64K boundary=64K granule=16"
                        + " divisor=3 minSize=1 maxSize=1G access=6 pools=sram,a\\,b coherent secure exclusive"
                        + " iommu=/iommu@1 maskBits=30 aperture=0..0xffffff dmaCoherent"
                        + " window=0..0xfffff@1M,2M..0x2fffff@4M"),
                DmaPath.parse("maxSegments=1 pools=a,b"),
                DmaPath.parse("offset=-1M"));
        assertThat(device.paths().getFirst().windows()).containsExactly(
                new BusWindow(0, 1 << 20, 1 << 20), new BusWindow(2 << 20, 4 << 20, 1 << 20));
    }

    @Test
    void namesOfBitsCountAsTheyAreWhenTheConfigurationComes() {
        ConfiguredDevice radio = start(named("radio", "access", "0b10"));
        names.set(AccessBits.parse(List.of("3=BANK")));
        radio.configure(named("radio", "access", "BANK"));
        assertThat(bundle.log).isEmpty();
        assertThat(bundle.registrations).as("another mask is another device").isEqualTo(2);
    }

    @Test
    void emptyFieldsLimitNothing() {
        Device device = DeviceSettings.of(named(
                "radio", "range", "", "pools", new String[0], "access", " ", "coherent", false, "alternatives",
                new String[0], "parent", "", "function", new String[0]), AccessBits.NONE)
                .device();
        assertThat(device).isEqualTo(Device.of("radio", List.of(DmaPath.parse(""))));
    }

    @Test
    void accessMasksMayBeWrittenWithTheNamesOfBits() {
        AccessBits names = AccessBits.parse(List.of("1=SYSTEM", "2=CONTIG"));
        Device device = DeviceSettings.of(
                        named("radio", "access", new String[] {"SYSTEM", "CONTIG"}, "alternatives",
                                new String[] {"access=CONTIG align=4K", "access=0x8"}),
                        names)
                .device();
        assertThat(device.paths()).containsExactly(
                DmaPath.parse("access=6"), DmaPath.parse("access=4 align=4K"), DmaPath.parse("access=8"));
    }

    @Test
    void propertiesAreThoseOfTheContract() {
        start(named("radio", "function", "dma,npu", "family", "acme", "compatible", List.of("acme,radio", "acme"),
                "path", "/soc/radio@1", "node", "/dev/radio0", "parent", "/soc"));
        assertThat(bundle.devices.get("radio")).containsOnly(
                Map.entry(Device.NAME, "radio"),
                Map.entry(Device.FUNCTION, new String[] {"dma", "npu"}),
                Map.entry(Device.FAMILY, "acme"),
                Map.entry(Device.COMPATIBLE, new String[] {"acme,radio", "acme"}),
                Map.entry(Device.PATH, "/soc/radio@1"),
                Map.entry(Device.NODE, "/dev/radio0"));
        assertThat(DeviceSettings.of(named("radio", "parent", "/soc"), AccessBits.NONE).device().parent()).contains("/soc");
    }

    @Test
    void propertiesChangeInPlaceAndAnythingElseIsADepartureAndAnArrival() {
        ConfiguredDevice component = start(named("radio", "maxSegments", 1L));
        component.configure(named("radio", "maxSegments", 1L, "family", "acme"));
        assertThat(bundle.registrations).isEqualTo(1);
        assertThat(bundle.devices.get("radio")).containsEntry(Device.FAMILY, "acme");
        component.configure(named("radio", "maxSegments", 2L, "family", "acme"));
        assertThat(bundle.registrations).isEqualTo(2);
        component.configure(named("wifi", "maxSegments", 2L));
        assertThat(bundle.registrations).isEqualTo(3);
        assertThat(bundle.devices).containsOnlyKeys("wifi");
        component.stop();
        assertThat(bundle.devices).isEmpty();
        assertThat(bundle.log).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            range        | 5..3      | range=5..3: range 0x5..0x3 is empty: the first address is above the last
            align        | 3         | align=0x3 is not a power of two
            maxSegments  | 0         | maxSegments=0 is not allowed: it must be at least 1; leave it out for no limit
            maxSegmentSize | 0       | maxSegmentSize=0 is not allowed: it must be at least 1; leave it out for no limit
            boundary     | 6K        | boundary=0x1800 is not a power of two
            granule      | big       | granule=big: 'big' is not a number: write decimal, 0x or 0b, with K, M or G for \
            a size
            divisor      | 0         | divisor=0 is not allowed: it must be at least 1; leave it out for no limit
            minSize      | -1        | minSize=-1: '-1' is not a number: write decimal, 0x or 0b, with K, M or G for a \
            size
            maxSize      | 1K        | minSize=1M is above maxSize=1K, compared as multiples of align=1
            access       | 0b2       | access=0b2 of the device: '0b2' is not a number: write decimal, 0x or 0b, with K, M or G for \
            a size
            access       | DSP       | access=DSP of the device: no bit of the access mask is named 'DSP': none has a name \
            (dmabuf.core accessBits)
            pools        | a,,b      | pools=a,,b: pools has an empty name: a,,b
            coherent     | yes       | coherent=yes: 'yes' is not a flag: write true or false
            secure       | 1         | secure=1: '1' is not a flag: write true or false
            exclusive    | no        | exclusive=no: 'no' is not a flag: write true or false
            dmaCoherent  | no        | dmaCoherent=no: 'no' is not a flag: write true or false
            maskBits     | 65        | maskBits=65 is not between 1 and 64
            aperture     | 1M        | aperture=1M: '1M' is not a range: write lo..hi, both inclusive
            window       | 0..1      | window=0..1: '0..1' is no window: write lo..hi@cpu, the bus addresses and the \
            CPU address of lo
            offset       | 1 MB      | offset=1 MB: '1 MB' is not a number: write decimal, 0x or 0b, with K, M or G for \
            a size
            alternatives | align=3   | alternatives=align=3 of the device: 'align=3': align=0x3 is not a power of two
            function     | toaster   | function=toaster of the device: the functions are decoder, encoder, camera, \
            display, gpu, npu, dma
            name         | " "       | name of the device is missing
            mask         | 1         | unknown key 'mask' of the device: the keys are access, align, alternatives, \
            aperture, boundary, coherent, compatible, divisor, dmaCoherent, exclusive, family, function, granule, \
            iommu, maskBits, maxSegmentSize, maxSegments, maxSize, minSize, name, node, offset, parent, path, pools, \
            range, secure, window
            """)
    void aWrongValueLeavesTheOldInForceAndSaysWhy(String key, String value, String why) {
        ConfiguredDevice component = start(named("radio", "family", "old"));
        component.configure(named("radio", "minSize", "1M", key, value));
        assertThat(bundle.devices.get("radio")).containsEntry(Device.FAMILY, "old");
        assertThat(bundle.log).containsExactly("error: the configuration of dmabuf.device~1 is refused: " + why
                + "; the old one stays in force");
        component.configure(named("radio", "family", "new"));
        assertThat(bundle.devices.get("radio")).containsEntry(Device.FAMILY, "new");
    }

    @Test
    void aFirstConfigurationThatIsWrongPublishesNothing() {
        ConfiguredDevice component = start(Map.of("service.pid", "dmabuf.device~1"));
        assertThat(bundle.devices).isEmpty();
        assertThat(bundle.log).containsExactly("error: the configuration of dmabuf.device~1 is refused: name of the"
                + " device is missing; there is none in force");
        component.configure(named("radio"));
        assertThat(bundle.devices).containsOnlyKeys("radio");
    }

    @Test
    void aDeviceOfTheBoardStandsBackWhileAConfiguredOneHasItsName() {
        devices.board(List.of(board("/a"), board("/b")));
        ConfiguredDevice component = start(named("/a", "family", "mine"));
        assertThat(families()).isEqualTo(Map.of("/a", "mine", "/b", "board"));
        devices.board(List.of(board("/a"), board("/c")));
        assertThat(families()).as("whichever comes first").isEqualTo(Map.of("/a", "mine", "/c", "board"));
        component.configure(named("/c", "family", "mine"));
        assertThat(families()).isEqualTo(Map.of("/a", "board", "/c", "mine"));
        component.configure(named("/c", "family", "mine", "maxSegments", 1L));
        assertThat(families()).isEqualTo(Map.of("/a", "board", "/c", "mine"));
        devices.board(List.of(board("/a")));
        component.stop();
        assertThat(families()).as("what the board no longer has does not return").isEqualTo(Map.of("/a", "board"));
        devices.stop();
        assertThat(bundle.devices).isEmpty();
    }

    private Map<String, Object> families() {
        Map<String, Object> families = new HashMap<>();
        bundle.devices.forEach((name, properties) -> families.put(name, properties.get(Device.FAMILY)));
        return families;
    }
}
