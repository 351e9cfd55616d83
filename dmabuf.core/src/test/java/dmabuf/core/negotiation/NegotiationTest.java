// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import static dmabuf.core.negotiation.Stage.demand;
import static dmabuf.core.negotiation.Stage.device;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dmabuf.api.Blame;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Explanation;
import dmabuf.api.Reason;
import dmabuf.api.spi.Participant;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Named cases, most of them with the number that the contract's scenario files give them. */
class NegotiationTest {
    private final Stage stage = new Stage();

    private Explanation refusal(String size, Member... members) {
        Outcome outcome = Negotiation.negotiate(List.of(members), demand(size), stage);
        assertThat(outcome).isInstanceOf(Outcome.Refused.class);
        return ((Outcome.Refused) outcome).explanation();
    }

    private Outcome.Agreed agreed(String size, Member... members) {
        Outcome outcome = Negotiation.negotiate(List.of(members), demand(size), stage);
        assertThat(outcome).isInstanceOf(Outcome.Agreed.class);
        return (Outcome.Agreed) outcome;
    }

    private static String blames(Explanation explanation) {
        return explanation.blames().stream().map(Blame::toString).collect(Collectors.joining(","));
    }

    private static String chosen(Outcome.Agreed agreed) {
        return agreed.participants().stream().map(Participant::path).map(Object::toString).collect(Collectors.joining("|"));
    }

    private static DmaConstraints constraints(String words) {
        return DmaConstraints.parse(words);
    }

    @Test
    @DisplayName("M5: access masks without a common bit")
    void masks() {
        Explanation refusal = refusal("1M", device("A", "access=0b0110"), device("B", "access=0b1001"));
        assertThat(refusal.reason()).isEqualTo(Reason.INCOMPATIBLE);
        assertThat(blames(refusal)).isEqualTo("A.mask,B.mask");
        assertThat(refusal.text()).isEqualTo("A.mask=0x6, B.mask=0x9, size=1M: no access bit is left");
    }

    @Test
    @DisplayName("P15b: each alone is fine, together there is no place")
    void joint() {
        Member a = device("A", "maxSegments=2 maxSegmentSize=48K boundary=64K");
        Member b = device("B", "maxSegments=1 align=64K");
        assertThat(agreed("80K", a).constraints()).isEqualTo(constraints("maxSegments=2 maxSegmentSize=48K boundary=64K"));
        assertThat(agreed("80K", b).limits()).hasSize(1);
        Explanation refusal = refusal("80K", b, a);
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
                refusal("64K", device("A", "range=0..0x0fffffff"), device("B", "range=0x80000000..0xffffffff"));
        assertThat(blames(refusal)).isEqualTo("A.range,B.range");
        assertThat(refusal.text()).isEqualTo("A.range=0x0..0xfffffff, B.range=0x80000000..0xffffffff, size=64K: no"
                + " address is left");
    }

    @Test
    @DisplayName("A11: bounds are rounded before they are compared")
    void bounds() {
        Explanation refusal = refusal("65", device("A", "minSize=65 align=64"), device("B", "maxSize=100"));
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
        assertThat(agreed("64K", device("X", "exclusive")).constraints().isExclusive()).isTrue();
        Explanation refusal = refusal("64K", device("A"), device("X", "exclusive"));
        assertThat(refusal.reason()).isEqualTo(Reason.BUSY);
        assertThat(blames(refusal)).isEqualTo("X.exclusive");
        assertThat(refusal.text()).isEqualTo("X is exclusive, it shares with nobody; devices=A, X");
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
        Explanation refusal = refusal("64K", device("gpu", "iommu=smmu"), device("cam"));
        assertThat(refusal.reason()).isEqualTo(Reason.NO_ALLOCATOR);
        assertThat(blames(refusal)).isEqualTo("gpu.iommu");
        assertThat(refusal.text()).isEqualTo("no mapper is present for the IOMMU of gpu (smmu)");
        stage.mapper("smmu", "4K", "0x100000..0xffffffff", "0..0xffffffffff");
        assertThat(agreed("64K", device("gpu", "iommu=smmu align=64K maxSegments=1"), device("cam")).constraints())
                .isEqualTo(constraints("range=0..0xffffffffff granule=4K"));
    }

    @Test
    @DisplayName("what the IOMMU cannot put out is the device's iommu, what the device cannot issue is its own")
    void iommu() {
        stage.mapper("smmu", "4K", "0x100000..0xffffffff", "0..0xffffffff");
        assertThat(blames(refusal("64K", device("gpu", "iommu=smmu"), device("cam", "range=0x100000000..0x1ffffffff"))))
                .isEqualTo("cam.range,gpu.iommu");
        assertThat(blames(refusal("64K", device("gpu", "iommu=smmu maskBits=20")))).isEqualTo("gpu.range,gpu.iommu");
        assertThat(blames(refusal("64K", device("gpu", "iommu=smmu aperture=0x200000..0x200fff"))))
                .isEqualTo("gpu.aperture");
    }

    @Test
    @DisplayName("alternatives: the first choice in lexicographic order that fits")
    void alternatives() {
        Member a = device("A", "range=0..0xfffffff", "range=0x80000000..0x8fffffff");
        Member b = device("B", "range=0x80000000..0xffffffff");
        assertThat(chosen(agreed("64K", b, a)))
                .isEqualTo("range=0x80000000..0x8fffffff|range=0x80000000..0xffffffff");
        Member c = device("C", "access=1", "access=2");
        Member d = device("D", "access=3", "access=1");
        assertThat(chosen(agreed("64K", d, c))).isEqualTo("access=0x1|access=0x3");
    }

    @Test
    @DisplayName("alternatives: what they share is tested first, however many choices there are")
    void shared() {
        Member[] many = IntStream.range(0, 14)
                .mapToObj(i -> device("D" + (char) ('a' + i), "access=1 align=8", "access=1 align=16"))
                .toArray(Member[]::new);
        many[13] = device("X", "access=2", "access=2 align=4");
        assertThat(blames(refusal("64K", many))).isEqualTo("Da.mask,X.mask");
    }

    @Test
    @DisplayName("alternatives: after 4,096 choices TOO_COMPLEX")
    void tooComplex() {
        Member[] many = IntStream.range(0, 13)
                .mapToObj(i -> device("D" + (char) ('a' + i), "align=8", "align=16"))
                .toArray(Member[]::new);
        many[11] = device("X", "access=1", "access=2");
        many[12] = device("Y", "access=4", "access=8");
        Explanation refusal = refusal("64K", many);
        assertThat(refusal.reason()).isEqualTo(Reason.TOO_COMPLEX);
        assertThat(refusal.text()).startsWith("none of the first 4096 ways of combining the alternatives fits");
        Member[] fewer = java.util.Arrays.copyOfRange(many, 1, 13);
        assertThat(blames(refusal("64K", fewer))).isEqualTo("X.mask,Y.mask");
    }

    @Test
    @DisplayName("alternatives: a conflict on every choice names the fields of all of them")
    void conflictOfAlternatives() {
        Member a = device("A", "access=1", "range=0..0xffff");
        Member b = device("B", "access=2 range=0x10000..0x1ffff");
        assertThat(blames(refusal("4K", a, b))).isEqualTo("A.range,A.mask,B.range,B.mask");
    }

    @Test
    @DisplayName("candidates: in the order of selection, with the reason of each that is none")
    void candidates() {
        stage.allocator("first").allocator("picky", "cam").allocator(Stage.spec("pooled", "vpu", -1))
                .allocator(Stage.spec("bit33", "", 33)).allocator("last");
        Outcome.Agreed agreed = agreed("64K", device("cam", "access=0x1ffffffff"));
        assertThat(agreed.candidates()).containsExactly("first", "pooled", "last");
        assertThat(agreed.passedOver())
                .extracting(attempt -> attempt.allocator() + " " + attempt.text())
                .containsExactly(
                        "picky does not serve cam: match said no",
                        "bit33 its bit 33 is not in the access mask 0x1ffffffff");
        assertThat(agreed("64K", device("vpu", "pools=vpu,dsp")).candidates()).containsExactly("pooled");
        Explanation refusal = refusal("64K", device("cam"), device("vpu", "pools=dsp secure"));
        assertThat(refusal.reason()).isEqualTo(Reason.NO_ALLOCATOR);
        assertThat(blames(refusal)).isEqualTo("bit33,first,last,picky,pooled");
        assertThat(refusal.text()).startsWith("none of 5 allocators accepts cam, vpu: first it has no pool, and none"
                + " is permitted: pools=dsp; picky it has no pool");
        assertThat(refusal.attempts()).hasSize(5);
    }

    @Test
    @DisplayName("ids past 31: bits 32 to 63 of the access mask count")
    void highBits() {
        stage.allocator(Stage.spec("bit63", "", 63)).allocator(Stage.spec("bit32", "", 32));
        assertThat(agreed("64K", device("cam", "access=0x8000000000000000")).candidates()).containsExactly("bit63");
        assertThat(agreed("64K", device("cam", "access=0x100000000")).candidates()).containsExactly("bit32");
        assertThat(refusal("64K", device("cam", "access=1")).reason()).isEqualTo(Reason.NO_ALLOCATOR);
    }

    @Test
    @DisplayName("no allocator at all, or a buffer that waits, is no refusal")
    void waits() {
        assertThat(agreed("64K", device("cam")).candidates()).isEmpty();
        stage.allocator("picky", "cam");
        assertThat(refusal("64K", device("cam")).reason()).isEqualTo(Reason.NO_ALLOCATOR);
        stage.waiting();
        assertThat(agreed("64K", device("cam")).candidates()).isEmpty();
    }

    @Test
    @DisplayName("the pools of two parts of one device: their parent's pools would fit")
    void parents() {
        Member scanout = new Member("dc:scanout", List.of(Stage.path("pools=low")), Optional.of("dc"));
        Member overlay = new Member("dc:overlay", List.of(Stage.path("pools=high")), Optional.of("dc"));
        Explanation refusal = refusal("64K", scanout, overlay);
        assertThat(blames(refusal)).isEqualTo("dc:overlay.pools,dc:scanout.pools");
        assertThat(refusal.fits()).hasToString("Optional[dc.pools]");
    }

    @Test
    @DisplayName("2014 defect 'detach never widens': who leaves takes its constraints along (M10)")
    void detachWidens() {
        Member a = device("A", "access=0b0110 maxSegments=4");
        Member b = device("B", "access=0b0011 maxSegments=1");
        assertThat(agreed("64K", a, b).constraints()).isEqualTo(constraints("access=0b0010 maxSegments=1"));
        assertThat(agreed("64K", a).constraints()).isEqualTo(constraints("access=0b0110 maxSegments=4"));
        assertThat(agreed("64K").constraints()).isEqualTo(DmaConstraints.NEUTRAL);
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
    @DisplayName("2014 defect 'size 0 and unrounded sizes': storage is whole pages, and the largest size does not overflow")
    void sizes() {
        assertThat(Demand.of(1, 4096, 1, Set.of()).storageSize()).isEqualTo(4096);
        assertThat(Demand.of(4096, 4096, 1, Set.of()).storageSize()).isEqualTo(4096);
        assertThat(Demand.of(Long.MAX_VALUE, 4096, 1, Set.of()).storageSize()).isEqualTo(1L << 63);
        String largest = "0x7fffffffffffffff";
        assertThat(agreed(largest, device("A", "maxSegmentSize=4K"), device("B")).limits()).hasSize(2);
        assertThat(blames(refusal(largest, device("A", "maxSegments=0x1ffffffff maxSegmentSize=1G"))))
                .isEqualTo("A.maxSegments,A.maxSegmentSize");
        assertThat(agreed(largest, device("A", "maxSegments=0x200000000 maxSegmentSize=1G")).limits()).hasSize(1);
        assertThat(blames(refusal(largest, device("A", "maskBits=62"))).isEmpty()).isFalse();
    }

    @Test
    @DisplayName("a mapped device keeps its way, and a late one is tried on each of its own against the storage")
    void late() {
        Member mapped = device("A", "access=1", "access=3");
        Member late = device("B", "access=1 align=64K", "access=2");
        assertThat(chosen(agreed("64K", mapped.on(mapped.paths().get(1)), late))).isEqualTo("access=0x3|align=64K access=0x1");
        assertThat(Negotiation.firstSuiting(
                                List.of(mapped.on(mapped.paths().get(1)), late), demand("64K"), stage,
                                choice -> choice.constraints().alignment() == 1)
                        .map(NegotiationTest::chosen))
                .hasValue("access=0x3|access=0x2");
        assertThat(Negotiation.firstSuiting(List.of(mapped, late), demand("64K"), stage, choice -> false)).isEmpty();
        stage.allocator("picky", "B");
        assertThat(Negotiation.firstSuiting(List.of(mapped, late), demand("64K"), stage, choice -> true)).isEmpty();
    }

    @Test
    @DisplayName("many devices with many fields: the smallest conflict is found in time")
    void many() {
        assertTimeout(Duration.ofSeconds(10), () -> assertThat(blames(refusal("2M", crowd(7, -1))))
                .isEqualTo("D07.maxSegments,D07.maxSegmentSize"));
        assertTimeout(Duration.ofSeconds(10), () -> assertThat(blames(refusal("2M", crowd(-1, 31))))
                .isEqualTo("D00.mask,D31.mask"));
    }

    /** Forty devices that state every field; one takes a single segment, one has a mask of its own. */
    private static Member[] crowd(int single, int stranger) {
        return IntStream.range(0, 40)
                .mapToObj(i -> device(
                        String.format("D%02d", i),
                        "range=0.." + ((100 + i) << 20) + " maxSegments=" + (i == single ? 1 : 1000)
                                + " maxSegmentSize=" + (64 + i) + "K boundary=16M align=" + (16 << i % 8)
                                + " granule=16 divisor=" + (i % 10 + 1) + " minSize=1 maxSize=64M access="
                                + (i == stranger ? 2 : 5) + " pools=a,b"))
                .toArray(Member[]::new);
    }
}
