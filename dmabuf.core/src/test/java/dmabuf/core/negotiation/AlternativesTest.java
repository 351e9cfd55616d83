// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import static dmabuf.core.negotiation.Stage.blames;
import static dmabuf.core.negotiation.Stage.chosen;
import static dmabuf.core.negotiation.Stage.demand;
import static dmabuf.core.negotiation.Stage.device;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import dmabuf.api.Explanation;
import dmabuf.api.Reason;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Devices with several ways, and the bounds of the search. */
class AlternativesTest {
    private final Stage stage = new Stage();

    @Test
    @DisplayName("alternatives: the first choice in lexicographic order that fits")
    void alternatives() {
        Member a = device("A", "range=0..0xfffffff", "range=0x80000000..0x8fffffff");
        Member b = device("B", "range=0x80000000..0xffffffff");
        assertThat(chosen(stage.agreed("64K", b, a)))
                .isEqualTo("range=0x80000000..0x8fffffff|range=0x80000000..0xffffffff");
        Member c = device("C", "access=1", "access=2");
        Member d = device("D", "access=3", "access=1");
        assertThat(chosen(stage.agreed("64K", d, c))).isEqualTo("access=0x1|access=0x3");
    }

    @Test
    @DisplayName("alternatives: what they share is tested first, however many choices there are")
    void shared() {
        Member[] many = IntStream.range(0, 14)
                .mapToObj(i -> device("D" + (char) ('a' + i), "access=1 align=8", "access=1 align=16"))
                .toArray(Member[]::new);
        many[13] = device("X", "access=2", "access=2 align=4");
        assertThat(blames(stage.refusal("64K", many))).isEqualTo("Da.mask,X.mask");
        stage.mapper("smmu", "4K", "0x100000..0xffffffff", "0..0xffffffff");
        many[13] = device("X", "access=2", "access=2 iommu=smmu");
        assertThat(blames(stage.refusal("64K", many)))
                .as("a mask means the same on every way").isEqualTo("Da.mask,X.mask");
        assertThatThrownBy(() -> Negotiation.merge(List.of(many), stage))
                .hasMessageContaining("Da.mask=0x1, X.mask=0x2");
    }

    @Test
    @DisplayName("alternatives: a range is shared by ways of one kind, however many choices there are")
    void sharedRange() {
        Member[] many = IntStream.range(0, 14)
                .mapToObj(i -> device("D" + (char) ('a' + i), "range=0..0xffff align=8", "range=0..0xffff align=16"))
                .toArray(Member[]::new);
        many[13] = device("X", "range=0x10000..0x1ffff", "range=0x10000..0x1ffff align=4");
        assertThat(blames(stage.refusal("64K", many))).isEqualTo("Da.range,X.range");
    }

    @Test
    @DisplayName("alternatives: what they share need not hold the smallest conflict, nor a conflict at all")
    void sharedIsNotAll() {
        Member a = device("A", "minSize=65 align=64 access=1", "minSize=65 align=64 access=2");
        assertThat(blames(stage.refusal("65", a, device("B", "maxSize=100 access=4")))).isEqualTo("A.mask,B.mask");
        stage.mapper("smmu", "4K", "0x100000..0xffffffff", "0..0xffffffff");
        Member c = device("C", "range=0x100000..0x1fffff", "range=0x100000..0x1fffff iommu=smmu");
        assertThat(chosen(stage.agreed("64K", c, device("D", "range=0..0xfffff")))).contains("iommu=smmu");
    }

    @Test
    @DisplayName("alternatives: who is exclusive on one way shares on another; where no choice is left, BUSY")
    void exclusiveOnOneWay() {
        Member a = device("A", "exclusive", "access=1");
        assertThat(chosen(stage.agreed("64K", a, device("B")))).isEqualTo("access=0x1|");
        assertThat(chosen(stage.agreed("64K", a))).isEqualTo("exclusive");
        Explanation refusal = stage.refusal("64K", a, device("B", "access=2"));
        assertThat(refusal.reason()).isEqualTo(Reason.BUSY);
        assertThat(blames(refusal)).isEqualTo("A.exclusive");
    }

    @Test
    @DisplayName("alternatives: after 4,096 choices TOO_COMPLEX")
    void tooComplex() {
        Member[] many = IntStream.range(0, 13)
                .mapToObj(i -> device("D" + (char) ('a' + i), "align=8", "align=16"))
                .toArray(Member[]::new);
        many[11] = device("X", "access=1", "access=2");
        many[12] = device("Y", "access=4", "access=8");
        Explanation refusal = stage.refusal("64K", many);
        assertThat(refusal.reason()).isEqualTo(Reason.TOO_COMPLEX);
        assertThat(refusal.text()).startsWith("none of the first 4096 ways of combining the alternatives fits")
                .endsWith("devices with alternatives: Da (2), Db (2), Dc (2), Dd (2), De (2), Df (2), Dg (2), Dh (2),"
                        + " Di (2), Dj (2), Dk (2), X (2), Y (2)");
        Member[] fewer = Arrays.copyOfRange(many, 1, 13);
        assertThat(blames(stage.refusal("64K", fewer))).isEqualTo("X.mask,Y.mask");
    }

    @Test
    @DisplayName("alternatives: a conflict on every choice names the fields of all of them")
    void conflictOfAlternatives() {
        Member a = device("A", "access=1", "range=0..0xffff");
        Member b = device("B", "access=2 range=0x10000..0x1ffff");
        Explanation refusal = stage.refusal("4K", a, b);
        assertThat(blames(refusal)).isEqualTo("A.range,A.mask,B.range,B.mask");
        assertThat(refusal.text()).isEqualTo("A.range=0x0..0xffff, A.mask=0x1, B.range=0x10000..0x1ffff, B.mask=0x2,"
                + " size=4K, on each of 2 choices of ways: no access bit is left");
    }

    @Test
    @DisplayName("a mapped device keeps its way, and a late one is tried on each of its own against the storage")
    void late() {
        Member mapped = device("A", "access=1", "access=3");
        Member late = device("B", "access=1 align=64K", "access=2");
        assertThat(chosen(stage.agreed("64K", mapped.on(mapped.paths().get(1)), late)))
                .isEqualTo("access=0x3|align=64K access=0x1");
        assertThat(Negotiation.firstSuiting(
                                List.of(mapped.on(mapped.paths().get(1)), late), demand("64K"), stage,
                                choice -> choice.constraints().alignment() == 1)
                        .map(Stage::chosen))
                .hasValue("access=0x3|access=0x2");
        assertThat(Negotiation.firstSuiting(List.of(mapped, late), demand("64K"), stage, choice -> false)).isEmpty();
        stage.allocator("picky", "B");
        assertThat(Negotiation.firstSuiting(List.of(mapped, late), demand("64K"), stage, choice -> true)).isEmpty();
    }

    @Test
    @DisplayName("many devices with many fields: the smallest conflict is found in time")
    void many() {
        assertTimeout(Duration.ofSeconds(10), () -> assertThat(blames(stage.refusal("2M", crowd(7, -1))))
                .isEqualTo("D07.maxSegments,D07.maxSegmentSize"));
        assertTimeout(Duration.ofSeconds(10), () -> assertThat(blames(stage.refusal("2M", crowd(-1, 31))))
                .isEqualTo("D00.mask,D31.mask"));
    }

    @Test
    @DisplayName("odd segment sizes, and one device that takes a single piece: the conflict of many is found in time")
    void odd() {
        Member[] odd = IntStream.range(0, 20)
                .mapToObj(i -> device(
                        String.format("D%02d", i),
                        "maxSegments=65 boundary=" + (16 << i % 2) + "M maxSegmentSize=" + ((1 << 20) - 2 * i - 3)))
                .toArray(Member[]::new);
        assertTimeout(Duration.ofSeconds(10), () ->
                assertThat(blames(stage.refusal("64M", with(odd, device("Z", "maxSegments=1")))))
                        .isEqualTo("D00.maxSegments,D00.maxSegmentSize,D00.boundary,Z.maxSegments"));
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
    @Test
    @DisplayName("alternatives: of 4,096 choices the last may win; the 4,097th is not tried")
    void bound() {
        Member[] twelve = pairs(12);
        twelve[0] = device("Da", "access=1", "access=2");
        Member last = device("Z", "access=2");
        assertThat(chosen(stage.agreed("64K", with(twelve, last)))).startsWith("access=0x2|align=8|");
        Member[] thirteen = pairs(13);
        thirteen[0] = device("Da", "access=1", "access=2");
        Explanation refusal = stage.refusal("64K", with(thirteen, last));
        assertThat(refusal.reason()).isEqualTo(Reason.TOO_COMPLEX);
        assertThat(refusal.text()).as("who has one way is none of them").endsWith("Dm (2)");
        assertThatThrownBy(() -> Negotiation.merge(List.of(with(thirteen, last)), stage)).hasMessage(refusal.text());
        Member[] onlyLast = IntStream.range(0, 12)
                .mapToObj(i -> device("D" + (char) ('a' + i), "access=1", "access=2"))
                .toArray(Member[]::new);
        assertThat(chosen(stage.agreed("64K", with(onlyLast, last)))).doesNotContain("access=0x1");
        assertThat(Negotiation.merge(List.of(with(onlyLast, last)), stage)).hasToString("access=0x2");
        assertThatThrownBy(() -> Negotiation.merge(List.of(with(onlyLast, device("Z", "access=4"))), stage))
                .hasMessageContaining("on each of 4096 choices of ways: no access bit is left");
    }

    private static Member[] pairs(int count) {
        return IntStream.range(0, count)
                .mapToObj(i -> device("D" + (char) ('a' + i), "align=8", "align=16"))
                .toArray(Member[]::new);
    }

    private static Member[] with(Member[] members, Member last) {
        Member[] all = Arrays.copyOf(members, members.length + 1);
        all[members.length] = last;
        return all;
    }
}
