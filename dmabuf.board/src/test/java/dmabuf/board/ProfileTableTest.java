// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Reason;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ProfileTableTest {
    private static final ProfileTable SHIPPED = ProfileTable.shipped();

    private static Optional<Profile> of(ProfileTable table, String compatible) {
        return table.of(Dts.tree("compatible = " + compatible + ";").root());
    }

    @Test
    void knowsTheFamiliesThatItPromises() {
        assertThat(SHIPPED.profiles().stream().map(Profile::family).collect(Collectors.toSet())).contains(
                "hantro", "rkvdec", "cedrus", "venus", "mtk-vcodec", "coda", "wave5", "rkisp1", "imx7-media-csi",
                "imx8-isi", "imx-media", "mxsfb", "lcdif", "imx-dcss", "sun4i-drm", "rockchip-drm", "vc4", "msm",
                "tegra-drm", "v3d", "etnaviv", "lima", "panfrost", "bcm2835-unicam");
    }

    @Test
    void everyRowSaysWhereItsFactsStand() {
        assertThat(SHIPPED.profiles()).hasSizeGreaterThan(350).allSatisfy(profile ->
                assertThat(profile.source()).matches("(drivers|QEMU hw)/[\\w/.-]+\\.c: .+"));
    }

    @Test
    void everyRowThatWantsOnePieceSaysWhy() {
        assertThat(SHIPPED.profiles().stream().filter(row -> row.limits().constraints().maxSegments().isPresent()))
                .allSatisfy(profile -> assertThat(profile.source())
                        .containsPattern("vb2_dma_contig|drm_gem_dma|one piece|one address|32-bit mask"));
    }

    @Test
    void readsLimits() {
        Profile hantro = of(SHIPPED, "\"nxp,imx8mm-vpu-g1\"").orElseThrow();
        assertThat(hantro.functions()).containsExactly("decoder");
        assertThat(hantro.limits().maskBits()).isEqualTo(OptionalInt.of(32));
        assertThat(hantro.limits().constraints()).isEqualTo(DmaConstraints.parse("maxSegments=1"));
        Profile venus = of(SHIPPED, "\"qcom,sdm845-venus-v2\"").orElseThrow();
        assertThat(venus.limits().aperture()).contains(new AddressRange(0, 0xdfff_ffffL));
        assertThat(venus.limits().maskBits()).isEmpty();
        Profile mmu = of(SHIPPED, "\"rockchip,iommu\"").orElseThrow();
        assertThat(mmu.isIommu()).isTrue();
        assertThat(mmu.limits().outputBits()).isEqualTo(OptionalInt.of(32));
        assertThat(mmu.limits().constraints().granule()).isEqualTo(4096);
    }

    @Test
    void theFirstStringWithARowDecides() {
        assertThat(of(SHIPPED, "\"rockchip,rk3588-vpu121\", \"rockchip,rk3568-vpu\"")).map(Profile::key)
                .contains("rockchip,rk3568-vpu");
        assertThat(of(SHIPPED, "\"vendor,unknown\"")).isEmpty();
    }

    @Test
    void configurationAddsRowsAndReplacesThem() {
        ProfileTable table = SHIPPED.with(List.of(
                "", "# ours", "vendor,npu vendor,npu2 | ours | npu | pools=memory-region align=64K | our board",
                "arm,hdlcd | hdlcd | display | - | we know better"));
        assertThat(of(table, "\"vendor,npu2\"").orElseThrow().limits().ownRegions()).isTrue();
        assertThat(of(table, "\"vendor,npu2\"").orElseThrow().limits().constraints().alignment()).isEqualTo(65536);
        assertThat(of(table, "\"arm,hdlcd\"").orElseThrow().limits()).isEqualTo(Profile.Limits.NONE);
        assertThat(of(SHIPPED, "\"arm,hdlcd\"").orElseThrow().limits().maskBits()).isPresent();
    }

    @Test
    void aDeviceMayBePermittedJustItsOwnPools() {
        ProfileTable table = SHIPPED.with(List.of("nxp,imx8mm-vpu-g1 | x | decoder | pools=memory-region | test"));
        NodeDevice codec = new BoardTree(FdtReader.read(Dts.fixture("cases")), table).nodes().stream()
                .filter(node -> node.node().path().equals("/soc@0/codec@1000"))
                .findFirst().orElseThrow();
        assertThat(codec.constraints().pools().orElseThrow()).containsExactly("dsp-pool@50000000");
    }

    @Test
    void refusesRowsThatAreNone() {
        assertThatThrownBy(() -> SHIPPED.with(List.of("a | b | gpu | -")))
                .isInstanceOfSatisfying(DmaBufException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID))
                .hasMessage("profile 'a | b | gpu | -': a row is:"
                        + " compatible... | family | function,... | limits | source");
        assertThatThrownBy(() -> SHIPPED.with(List.of("a | b | toaster | - | c"))).hasMessageContaining(
                "the functions are decoder, encoder, camera, display, gpu, npu, dma, iommu, not toaster");
        assertThatThrownBy(() -> SHIPPED.with(List.of("a | b | gpu | maskBits=65 | c")))
                .hasMessageContaining("maskBits=65 is not between 1 and 64");
        assertThatThrownBy(() -> SHIPPED.with(List.of("a | b | gpu | speed=9 | c")))
                .hasMessageContaining("unknown constraint 'speed'");
    }
}
