// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import static dmabuf.core.negotiation.Stage.demand;
import static dmabuf.core.negotiation.Stage.device;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Blame;
import dmabuf.api.ConstraintField;
import dmabuf.api.Explanation;
import dmabuf.api.Reason;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What would make it fit. */
class RelaxationTest {
    private final Stage stage = new Stage();

    private Optional<Blame> change(String size, Member... members) {
        Explanation refusal = stage.refusal(size, members);
        return Relaxation.singleChange(
                List.of(members),
                refusal,
                relaxed -> Negotiation.negotiate(relaxed, demand(size), stage) instanceof Outcome.Agreed);
    }

    @Test
    @DisplayName("of a conflict the first entry whose change lets the whole run succeed")
    void first() {
        assertThat(change("64K", device("A", "access=1"), device("B", "access=2")))
                .hasValue(Blame.of("A", ConstraintField.ACCESS));
        assertThat(change("64K", device("A", "access=1"), device("B", "access=2"), device("C", "access=1")))
                .hasValue(Blame.of("B", ConstraintField.ACCESS));
        assertThat(change("64K", device("A", "access=1 maxSize=4K"), device("B", "access=2")))
                .as("two independent conflicts: no single change").isEmpty();
    }

    @Test
    @DisplayName("where no allocator accepts the set every stated field is tried, in order")
    void everyField() {
        stage.allocator(Stage.spec("vpu", "vpu", -1));
        Member cam = device("cam", "align=64 pools=dsp,isp");
        assertThat(change("64K", cam)).hasValue(Blame.of("cam", ConstraintField.POOLS));
        stage.allocator(Stage.spec("picky", "", -1), "cam");
        assertThat(change("64K", device("cam", "iommu=smmu maxSegments=1")))
                .hasValue(Blame.of("cam", ConstraintField.IOMMU));
        List<String> tried = new ArrayList<>();
        Relaxation.singleChange(
                List.of(
                        device("b", "exclusive align=8"),
                        device("a", "maskBits=30 minSize=1", "pools=x aperture=0..9")),
                Explanation.of(Reason.OUT_OF_MEMORY, "no room"),
                relaxed -> !tried.add(relaxed.toString()));
        assertThat(tried).hasSize(6);
    }

    @Test
    @DisplayName("where the pools of two parts of one device do not meet, their parent's pools")
    void parents() {
        Member scanout = new Member("dc:scanout", List.of(Stage.path("pools=low")), Optional.of("dc"));
        Member overlay = new Member("dc:overlay", List.of(Stage.path("pools=high")), Optional.of("dc"));
        assertThat(change("64K", scanout, overlay)).hasValue(Blame.of("dc", ConstraintField.POOLS));
    }

    @Test
    @DisplayName("a neutral field is neutral on all ways")
    void allWays() {
        Member member = device("A", "align=8 maskBits=20", "align=16 iommu=smmu");
        assertThat(Relaxation.without(member, EnumSet.of(ConstraintField.ALIGN)))
                .isEqualTo(device("A", "maskBits=20", "iommu=smmu"));
        assertThat(Relaxation.stated(List.of(member))).extracting(Blame::toString)
                .containsExactly("A.range", "A.align", "A.iommu");
    }
}
