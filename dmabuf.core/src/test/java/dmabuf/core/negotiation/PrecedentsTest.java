// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import static dmabuf.core.negotiation.Stage.demand;
import static dmabuf.core.negotiation.Stage.device;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.DmaConstraints;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Decisions are remembered, within a bound. */
class PrecedentsTest {
    private static final int SIZE = 64;

    private final Recall<Integer> recall = new Recall<>(SIZE);
    private final List<Member> members =
            IntStream.range(0, 10 * SIZE).mapToObj(number -> device("dev" + number)).toList();

    @Test
    void thereIsABoundAndTheNewestIsKnown() {
        for (int number = 0; number < members.size(); number++) {
            List<Member> asked = members.subList(number, number + 1);
            assertThat(recall.keep(asked, demand("4K"), number)).isEqualTo(number);
            assertThat(recall.find(asked, demand("4K"))).isEqualTo(number);
        }
        List<Integer> known = members.stream()
                .flatMap(member -> Stream.ofNullable(recall.find(List.of(member), demand("4K"))))
                .toList();
        assertThat(known).hasSizeBetween(SIZE / 2, SIZE);
    }

    @Test
    void aQuestionIsItsMembersInOrderAndItsDemand() {
        Member cam = device("cam");
        Member twin = device("cam");
        Member disp = device("disp");
        recall.keep(List.of(cam, disp), demand("4K"), 1);
        assertThat(recall.find(List.of(cam, disp), demand("4K"))).isEqualTo(1);
        assertThat(recall.find(List.of(disp, cam), demand("4K"))).isNull();
        assertThat(recall.find(List.of(twin, disp), demand("4K"))).isNull();
        assertThat(recall.find(List.of(cam), demand("4K"))).isNull();
        assertThat(recall.find(List.of(cam, disp), demand("8K"))).isNull();
        assertThat(recall.find(List.of(), demand("4K"))).isNull();
        assertThat(cam).isEqualTo(twin).isNotEqualTo(disp);
    }

    @Test
    @SuppressWarnings("ReferenceEquality") // another object is what is looked for
    void membersOfEqualHashAreToldApart() {
        Map<Integer, Member> others = new HashMap<>();
        Member cam = device("cam");
        Member twin = cam;
        while (twin == cam) {
            cam = new Member("cam", twin.paths(), Optional.empty());
            twin = others.getOrDefault(System.identityHashCode(cam), cam);
            others.put(System.identityHashCode(cam), cam);
        }
        recall.keep(List.of(cam), demand("4K"), 1);
        assertThat(recall.find(List.of(cam), demand("4K"))).isEqualTo(1);
        assertThat(recall.find(List.of(twin), demand("4K"))).isNull();
    }

    @Test
    void whoAnswersLaterIsToldTheFirstAnswer() {
        Member cam = device("cam");
        assertThat(recall.keep(List.of(cam), demand("4K"), 1)).isEqualTo(1);
        assertThat(recall.keep(List.of(cam), demand("4K"), 2)).isEqualTo(1);
    }

    @Test
    void aListThatIsChangedAfterwardsIsAnotherQuestion() {
        List<Member> asked = new ArrayList<>(List.of(device("cam")));
        recall.keep(asked, demand("4K"), 1);
        asked.set(0, device("disp"));
        assertThat(recall.find(asked, demand("4K"))).isNull();
    }

    @Test
    void combinationsAreRememberedWithoutASize() {
        Stage stage = new Stage().allocator("pool");
        Precedents precedents = new Precedents(stage);
        List<Member> asked = List.of(device("a", "align=4K"), device("b", "maxSegments=1"));
        DmaConstraints merged = precedents.merge(asked);
        assertThat(merged).isEqualTo(DmaConstraints.parse("align=4K maxSegments=1"));
        assertThat(precedents.merge(asked)).isSameAs(merged);
        Outcome decided = precedents.negotiate(asked, demand("1"));
        assertThat(decided).isEqualTo(Negotiation.negotiate(asked, demand("1"), stage));
        assertThat(precedents.negotiate(asked, demand("1"))).isSameAs(decided);
    }
}
