// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.MIB;
import static itests.Stage.patiently;
import static itests.Stage.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.AddressRange;
import dmabuf.api.AllocatorInfo;
import dmabuf.api.Attachment;
import dmabuf.api.AttachmentInfo;
import dmabuf.api.Device;
import dmabuf.api.DeviceInfo;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.StorageFile;
import dmabuf.api.StorageFile.Extent;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.Mapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;

/** The gateway as the twin of a board that a device tree describes: its devices, its memory, its IOMMU. */
public class TwinIT extends GatewayConfiguration {
    private static final String DSP_PROFILE = "acme,dsp | acme-dsp | npu | maxSegments=1 pools=memory-region | a test";

    private Stage stage;

    @Override
    protected byte[] board() {
        return TwinBoard.blob();
    }

    @Before
    public void setUp() {
        stage = new Stage(context);
        patiently().until(() -> stage.exporter().devices().size() == 4);
        patiently().untilAsserted(() ->
                assertThat(stage.ids()).containsExactlyInAnyOrder("iommu", "system", "contig", "dsp-pool@50000000"));
    }

    @After
    public void tearDown() throws Exception {
        stage.close();
    }

    @Test
    public void devicesAreServicesThatFiltersFind() throws Exception {
        assertThat(stage.exporter().devices())
                .extracting(DeviceInfo::name)
                .containsExactly(TwinBoard.DSP, TwinBoard.DISPLAY, TwinBoard.CODEC, TwinBoard.DECODER);
        ServiceReference<Device> codec = only("(dmabuf.device.family=hantro)");
        assertThat(codec.getProperty(Device.NAME)).isEqualTo(TwinBoard.CODEC);
        assertThat(codec.getProperty(Device.PATH)).isEqualTo(TwinBoard.CODEC);
        assertThat(codec.getProperty(Device.COMPATIBLE)).isEqualTo(new String[] {"nxp,imx8mm-vpu-g1"});
        assertThat(codec.getProperty(Device.FUNCTION)).isEqualTo(new String[] {"decoder"});
        assertThat(codec.getProperty(Device.NODE)).as("a twin has no /dev").isNull();
        assertThat(codec.getBundle().getSymbolicName()).isEqualTo("dmabuf.board");
        assertThat(only("(dmabuf.device.function=display)").getProperty(Device.NAME)).isEqualTo(TwinBoard.DISPLAY);
        assertThat(context.getServiceReferences(Device.class, "(dmabuf.device.function=decoder)")).hasSize(2);
    }

    @Test
    public void memoryIsHandedToTheAllocatorsWithTheirDefaultPriorities() {
        assertThat(stage.exporter().allocators())
                .extracting(AllocatorInfo::id)
                .containsExactly("iommu", "system", "contig", "dsp-pool@50000000");
        assertThat(stage.exporter().allocators()).extracting(AllocatorInfo::priority).containsExactly(300, 200, 100, 100);
        assertThat(free("contig")).isEqualTo(TwinBoard.CMA_BYTES);
        assertThat(free("dsp-pool@50000000")).isEqualTo(TwinBoard.DSP_POOL_BYTES);
        assertThat(free("system"))
                .as("RAM without firmware and pools")
                .isEqualTo(TwinBoard.RAM_BYTES
                        - TwinBoard.FIRMWARE_BYTES
                        - TwinBoard.CMA_BYTES
                        - TwinBoard.DSP_POOL_BYTES);
    }

    @Test
    public void aFrameGoesFromTheCodecToTheDisplayInTheDefaultPool() {
        DmaBuf frame = stage.buffer(MIB + 1);
        List<Attachment> members = frame.attach(List.of("(family=hantro)", "lcd-controller@32e00000"));
        assertThat(frame.info().attachments())
                .extracting(AttachmentInfo::device)
                .containsExactly(TwinBoard.DISPLAY, TwinBoard.CODEC);
        try (Mapping codec = members.get(0).map(Direction.FROM_DEVICE);
                Mapping display = members.get(1).map(Direction.TO_DEVICE);
                StorageFile file = codec.openFile()) {
            assertThat(codec.allocator()).isEqualTo("contig");
            assertThat(codec.table().contiguousAddress()).as("on the bus").hasValue(TwinBoard.CMA - TwinBoard.RAM);
            assertThat(display.table()).isEqualTo(codec.table());
            byte[] written = Pattern.fill(frame, 1);
            assertThat(Ram.of(file).read(new Segment(TwinBoard.CMA, MIB + 1))).isEqualTo(written);
        }
    }

    @Test
    public void theDecoderBehindTheIommuGetsScatteredMemoryAndNeverWhatIsReserved() {
        DmaBuf frame = stage.buffer(64 * MIB);
        try (Mapping mapping = frame.attach("(family=rkvdec)").map(Direction.FROM_DEVICE); StorageFile file = mapping.openFile()) {
            assertThat(mapping.allocator()).isEqualTo("iommu");
            assertThat(mapping.table().isContiguous()).isTrue();
            Mapper mapper = stage.mapper(TwinBoard.IOMMU);
            long first = mapping.table().contiguousAddress().orElseThrow();
            assertThat(mapper.translate(first)).hasValue(file.extents().getFirst().physical().address());
            assertThat(file.extents()).extracting(Extent::physical).allMatch(TwinIT::isOrdinaryRam);
        }
        assertThat(frame.attach(TwinBoard.CODEC).device()).isEqualTo(TwinBoard.CODEC);
        assertThat(frame.info().allocator()).as("late and in one piece").contains("contig");
    }

    private static boolean isOrdinaryRam(Segment segment) {
        AddressRange ram = AddressRange.ofSize(TwinBoard.RAM, TwinBoard.RAM_BYTES);
        return ram.contains(segment.range())
                && List.of(
                                AddressRange.ofSize(TwinBoard.FIRMWARE, TwinBoard.FIRMWARE_BYTES),
                                AddressRange.ofSize(TwinBoard.CMA, TwinBoard.CMA_BYTES),
                                AddressRange.ofSize(TwinBoard.DSP_POOL, TwinBoard.DSP_POOL_BYTES))
                        .stream()
                        .allMatch(reserved -> reserved.intersect(segment.range()).isEmpty());
    }

    @Test
    public void aProfileByConfigurationTellsWhatTheTreeDoesNot() {
        assertThat(stage.exporter().device(TwinBoard.DSP).paths().getFirst().constraints().pools()).isEmpty();

        stage.configure("dmabuf.board", Map.of("profile", new String[] {DSP_PROFILE}));

        patiently().untilAsserted(() -> assertThat(family(TwinBoard.DSP)).isEqualTo("acme-dsp"));
        DmaBuf own = stage.buffer(MIB);
        try (Mapping mapping = own.attach("(function=npu)").map(Direction.TO_DEVICE)) {
            assertThat(mapping.allocator()).isEqualTo("dsp-pool@50000000");
            assertThat(mapping.table().contiguousAddress()).hasValue(TwinBoard.DSP_POOL - TwinBoard.RAM);
        }
        assertThat(refusal(() -> own.attach(TwinBoard.CODEC)).reason())
                .as("nobody else gets the pool of a co-processor")
                .isEqualTo(Reason.NO_ALLOCATOR);
    }

    private String family(String device) {
        return stage.exporter().devices().stream()
                .filter(info -> info.name().equals(device))
                .map(info -> String.valueOf(info.properties().get("family")))
                .findFirst()
                .orElse("absent");
    }

    @Test
    public void anotherBoardReplacesTheOneInForceAndABrokenOneDoesNot() throws Exception {
        DmaBuf frame = stage.buffer(MIB);
        Attachment codec = frame.attach(TwinBoard.CODEC);
        byte[] written = Pattern.fill(frame, 2);
        Path broken = Files.write(Path.of("target", "boards", "broken.dtb"), new byte[100]);
        Configuration board = stage.configure("dmabuf.board", Map.of("file", broken.toAbsolutePath().toString()));
        Path other = Files.write(Path.of("target", "boards", "other.dtb"), TreeBlob.of("Other", root -> root
                .memory(TwinBoard.RAM, TwinBoard.RAM_BYTES)
                .node("gpu@1000", node -> node.text("compatible", "arm,mali-400").reg(0x1000, 0x1000))));

        Stage.update(board, Map.of("file", other.toAbsolutePath().toString()));

        patiently().untilAsserted(() ->
                assertThat(stage.exporter().devices()).extracting(DeviceInfo::name).containsExactly("/gpu@1000"));
        assertThat(stage.exporter().devices()).as("the broken one never was").hasSize(1);
        assertThat(refusal(() -> codec.map(Direction.TO_DEVICE)).reason()).isEqualTo(Reason.GONE);
        patiently().untilAsserted(() -> assertThat(stage.ids()).containsExactlyInAnyOrder("system", "contig"));
        assertThat(Pattern.read(frame)).isEqualTo(written);
    }

    private ServiceReference<Device> only(String filter) throws InvalidSyntaxException {
        assertThat(context.getServiceReferences(Device.class, filter)).as(filter).hasSize(1);
        return context.getServiceReferences(Device.class, filter).iterator().next();
    }

    private long free(String allocator) {
        AllocatorStatistics statistics = stage.allocator(allocator).statistics().orElseThrow();
        return statistics.free();
    }
}
