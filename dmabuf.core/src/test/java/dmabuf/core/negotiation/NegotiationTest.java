// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import static dmabuf.core.negotiation.Stage.blames;
import static dmabuf.core.negotiation.Stage.demand;
import static dmabuf.core.negotiation.Stage.device;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Explanation;
import dmabuf.api.Reason;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Named cases, most of them with the number that the contract's scenario files give them. */
class NegotiationTest {
    private final Stage stage = new Stage();

    private static DmaConstraints constraints(String words) {
        return DmaConstraints.parse(words);
    }

    @Test
    @DisplayName("M5: access masks without a common bit")
    void masks() {
        Explanation refusal = stage.refusal("1M", device("A", "access=0b0110"), device("B", "access=0b1001"));
        assertThat(refusal.reason()).isEqualTo(Reason.INCOMPATIBLE);
        assertThat(blames(refusal)).isEqualTo("A.mask,B.mask");
        assertThat(refusal.text()).isEqualTo("A.mask=0x6, B.mask=0x9, size=1M: no access bit is left");
    }

    @Test
    @DisplayName("P15b: each alone is fine, together there is no place")
    void joint() {
        Member a = device("A", "maxSegments=2 maxSegmentSize=48K boundary=64K");
        Member b = device("B", "maxSegments=1 align=64K");
        assertThat(stage.agreed("80K", a).constraints())
                .isEqualTo(constraints("maxSegments=2 maxSegmentSize=48K boundary=64K"));
        assertThat(stage.agreed("80K", b).limits()).hasSize(1);
        Explanation refusal = stage.refusal("80K", b, a);
        assertThat(refusal.reason()).isEqualTo(Reason.INCOMPATIBLE);
        assertThat(blames(refusal)).isEqualTo("A.maxSegments,A.maxSegmentSize,A.boundary,B.align,B.maxSegments");
        assertThat(refusal.text()).isEqualTo("A.maxSegments=2, A.maxSegmentSize=48K, A.boundary=64K, B.align=64K,"
                + " B.maxSegments=1, size=80K: no place for the storage in one piece gives every device a table within"
                + " its count");
    }

    @Test
    @DisplayName("P29: disjoint windows")
    void ranges() {
        Explanation refusal =
                stage.refusal("64K", device("A", "range=0..0x0fffffff"), device("B", "range=0x80000000..0xffffffff"));
        assertThat(blames(refusal)).isEqualTo("A.range,B.range");
        assertThat(refusal.text()).isEqualTo("A.range=0x0..0xfffffff, B.range=0x80000000..0xffffffff, size=64K: no"
                + " address is left");
    }

    @Test
    @DisplayName("A11: bounds are rounded before they are compared")
    void bounds() {
        Explanation refusal = stage.refusal("65", device("A", "minSize=65 align=64"), device("B", "maxSize=100"));
        assertThat(blames(refusal)).isEqualTo("A.align,A.minSize,B.maxSize");
        assertThat(refusal.text()).isEqualTo("A.align=64, A.minSize=65, B.maxSize=100, size=65: in multiples of the"
                + " alignment the smallest buffer is larger than the largest");
    }

    @Test
    @DisplayName("P28: device masks are compared in CPU space, after the bus offset")
    void offsets() {
        DmaConstraints merged = Negotiation.merge(
                List.of(device("A", "maskBits=32"), device("B", "maskBits=30 offset=0x80000000")), stage);
        assertThat(merged).hasToString("range=0x80000000..0xbfffffff");
    }

    @Test
    @DisplayName("P40: alone means alone")
    void exclusive() {
        assertThat(stage.agreed("64K", device("X", "exclusive")).constraints().isExclusive()).isTrue();
        Explanation refusal = stage.refusal("64K", device("A"), device("X", "exclusive"));
        assertThat(refusal.reason()).isEqualTo(Reason.BUSY);
        assertThat(blames(refusal)).isEqualTo("X.exclusive");
        assertThat(refusal.text()).isEqualTo("X is exclusive, it shares with nobody; devices=A, X");
        assertThat(stage.refusal("64K", device("A", "access=1"), device("X", "exclusive access=2")).reason())
                .as("tested before the combination").isEqualTo(Reason.BUSY);
    }

    @Test
    @DisplayName("merge without a size combines and tests nothing else")
    void merge() {
        Member a = device("A", "divisor=48 exclusive maxSegments=1 maxSegmentSize=1");
        Member b = device("B", "divisor=64");
        assertThat(Negotiation.merge(List.of(a, b), stage))
                .isEqualTo(constraints("divisor=192 exclusive maxSegments=1 maxSegmentSize=1"));
        assertThatThrownBy(() -> Negotiation.merge(List.of(device("A", "pools=x"), device("B", "pools=y")), stage))
                .isInstanceOf(DmaBufException.class)
                .hasMessage("A.pools=x, B.pools=y: no pool is left");
    }

    @Test
    @DisplayName("without a mapper a device behind an IOMMU cannot attach")
    void mapper() {
        Explanation refusal = stage.refusal("64K", device("gpu", "iommu=smmu"), device("cam"));
        assertThat(refusal.reason()).isEqualTo(Reason.NO_ALLOCATOR);
        assertThat(blames(refusal)).isEqualTo("gpu.iommu");
        assertThat(refusal.text()).isEqualTo("no mapper is present for the IOMMU of gpu (smmu)");
        assertThat(stage.refusal("64K", device("gpu", "iommu=smmu"), device("cam", "iommu=isp")).text())
                .as("the fewest that suffice").isEqualTo("no mapper is present for the IOMMU of cam (isp)");
        stage.mapper("smmu", "4K", "0x100000..0xffffffff", "0..0xffffffffff");
        Member strict = device("gpu", "iommu=smmu align=64K maxSegments=1");
        assertThat(stage.agreed("64K", strict, device("cam")).constraints())
                .isEqualTo(constraints("range=0..0xffffffffff granule=4K"));
    }

    @Test
    @DisplayName("what the IOMMU cannot put out is the device's iommu, what the device cannot issue is its own")
    void iommu() {
        stage.mapper("smmu", "4K", "0x100000..0xffffffff", "0..0xffffffff");
        Member high = device("cam", "range=0x100000000..0x1ffffffff");
        assertThat(blames(stage.refusal("64K", device("gpu", "iommu=smmu"), high)))
                .isEqualTo("cam.range,gpu.iommu");
        assertThat(blames(stage.refusal("64K", device("gpu", "iommu=smmu maskBits=20"))))
                .isEqualTo("gpu.range,gpu.iommu");
        assertThat(blames(stage.refusal("64K", device("gpu", "iommu=smmu aperture=0x200000..0x200fff"))))
                .isEqualTo("gpu.aperture");
    }

    @Test
    @DisplayName("candidates: in the order of selection, with the reason of each that is none")
    void candidates() {
        stage.allocator("first").allocator("picky", "cam").allocator(Stage.spec("pooled", "vpu", -1))
                .allocator(Stage.spec("bit33", "", 33)).allocator("last");
        Outcome.Agreed agreed = stage.agreed("64K", device("cam", "access=0x1ffffffff"));
        assertThat(agreed.candidates()).containsExactly("first", "pooled", "last");
        assertThat(agreed.passedOver())
                .extracting(attempt -> attempt.allocator() + " " + attempt.text())
                .containsExactly(
                        "picky does not serve cam: match said no",
                        "bit33 its bit 33 is not in the access mask 0x1ffffffff");
        assertThat(stage.agreed("64K", device("vpu", "pools=vpu,dsp")).candidates()).containsExactly("pooled");
        Explanation refusal = stage.refusal("64K", device("cam"), device("vpu", "pools=dsp secure"));
        assertThat(refusal.reason()).isEqualTo(Reason.NO_ALLOCATOR);
        assertThat(blames(refusal)).isEqualTo("bit33,first,last,picky,pooled");
        assertThat(refusal.text()).startsWith("none of 5 allocators accepts cam, vpu: first it has no pool, and none"
                + " is permitted: pools=dsp; picky it has no pool");
        assertThat(refusal.attempts()).hasSize(5);
    }

    @Test
    @DisplayName("2014 defect 'ids past 31': bits 32 to 63 of the access mask count")
    void highBits() {
        stage.allocator(Stage.spec("bit63", "", 63)).allocator(Stage.spec("bit32", "", 32));
        assertThat(stage.agreed("64K", device("cam", "access=0x8000000000000000")).candidates())
                .containsExactly("bit63");
        assertThat(stage.agreed("64K", device("cam", "access=0x100000000")).candidates()).containsExactly("bit32");
        assertThat(stage.refusal("64K", device("cam", "access=1")).reason()).isEqualTo(Reason.NO_ALLOCATOR);
    }

    @Test
    @DisplayName("no allocator at all, or a buffer that waits, is no refusal")
    void waits() {
        assertThat(stage.agreed("64K", device("cam")).candidates()).isEmpty();
        stage.allocator("picky", "cam");
        assertThat(stage.refusal("64K", device("cam")).reason()).isEqualTo(Reason.NO_ALLOCATOR);
        stage.waiting();
        assertThat(stage.agreed("64K", device("cam")).candidates()).isEmpty();
    }

    @Test
    @DisplayName("the pools of two parts of one device: their parent's pools would fit")
    void parents() {
        Member scanout = new Member("dc:scanout", List.of(Stage.path("pools=low")), Optional.of("dc"));
        Member overlay = new Member("dc:overlay", List.of(Stage.path("pools=high")), Optional.of("dc"));
        Explanation refusal = stage.refusal("64K", scanout, overlay);
        assertThat(blames(refusal)).isEqualTo("dc:overlay.pools,dc:scanout.pools");
        assertThat(refusal.fits()).hasToString("Optional[dc.pools]");
        Member other = new Member("gpu:overlay", List.of(Stage.path("pools=high")), Optional.of("gpu"));
        assertThat(stage.refusal("64K", scanout, other).fits()).as("parts of two devices").isEmpty();
        Member one = new Member("dc:one", List.of(Stage.path("access=1")), Optional.of("dc"));
        Member two = new Member("dc:two", List.of(Stage.path("access=2")), Optional.of("dc"));
        assertThat(stage.refusal("64K", one, two).fits()).as("not their pools").isEmpty();
    }

    @Test
    @DisplayName("2014 defect 'detach never widens': who leaves takes its constraints along (M10)")
    void detachWidens() {
        Member a = device("A", "access=0b0110 maxSegments=4");
        Member b = device("B", "access=0b0011 maxSegments=1");
        assertThat(stage.agreed("64K", a, b).constraints()).isEqualTo(constraints("access=0b0010 maxSegments=1"));
        assertThat(stage.agreed("64K", a).constraints()).isEqualTo(constraints("access=0b0110 maxSegments=4"));
        assertThat(stage.agreed("64K").constraints()).isEqualTo(DmaConstraints.NEUTRAL);
    }

    @Test
    @DisplayName("2014 defect 'null parameters': each is refused")
    void nulls() {
        List<Member> none = List.of();
        for (ThrowingCallable call : List.<ThrowingCallable>of(
                () -> Negotiation.negotiate(null, demand("4K"), stage),
                () -> Negotiation.negotiate(none, null, stage),
                () -> Negotiation.negotiate(none, demand("4K"), null),
                () -> Negotiation.negotiate(java.util.Collections.singletonList(null), demand("4K"), stage),
                () -> Negotiation.merge(null, stage),
                () -> new Member(null, List.of(Stage.path("")), Optional.empty()),
                () -> new Member("A", null, Optional.empty()),
                () -> new Member("A", List.of(Stage.path("")), null),
                () -> Demand.of(1, 4096, 1, null))) {
            assertThatThrownBy(call).isInstanceOf(NullPointerException.class);
        }
    }

    @Test
    @DisplayName("2014 defect 'size 0 and unrounded sizes': storage is whole pages, the largest size does not overflow")
    void sizes() {
        assertThat(Demand.of(1, 4096, 1, Set.of()).storageSize()).isEqualTo(4096);
        assertThat(Demand.of(4096, 4096, 1, Set.of()).storageSize()).isEqualTo(4096);
        assertThat(Demand.of(Long.MAX_VALUE, 4096, 1, Set.of()).storageSize()).isEqualTo(1L << 63);
        String largest = "0x7fffffffffffffff";
        assertThat(stage.agreed(largest, device("A", "maxSegmentSize=4K"), device("B")).limits()).hasSize(2);
        assertThat(blames(stage.refusal(largest, device("A", "maxSegments=0x1ffffffff maxSegmentSize=1G"))))
                .isEqualTo("A.maxSegments,A.maxSegmentSize");
        assertThat(stage.agreed(largest, device("A", "maxSegments=0x200000000 maxSegmentSize=1G")).limits()).hasSize(1);
        assertThat(blames(stage.refusal(largest, device("A", "maskBits=62"))).isEmpty()).isFalse();
    }
}
