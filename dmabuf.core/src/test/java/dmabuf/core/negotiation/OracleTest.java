// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dmabuf.api.Blame;
import dmabuf.api.ConstraintField;
import dmabuf.api.Reason;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * 100,000 random sets of devices and allocators, negotiated and looked up in the {@link Oracle}, in every order of the
 * devices.
 */
class OracleTest {
    private static final long SEED = 20_260_101;

    private static final int ALL_CASES = 100_000;

    /** Mutation testing asks for the first few only, because it runs them for every mutant. */
    private static final int CASES = Integer.getInteger("dmabuf.oracle.cases", ALL_CASES);

    private static final int CASES_FOR_MUTANTS = 3_000;
    private static final int SAMPLED_ORDERS = 6;

    private static Oracle.Verdict verdict(List<Member> members, Outcome outcome) {
        return switch (outcome) {
            case Outcome.Agreed agreed -> new Oracle.Verdict(
                    Optional.empty(),
                    List.of(),
                    agreed.participants().stream()
                            .map(participant -> members.stream()
                                    .filter(member -> member.name().equals(participant.device()))
                                    .map(member -> member.paths().indexOf(participant.path()))
                                    .findFirst()
                                    .orElse(-1))
                            .toList(),
                    Optional.of(agreed.constraints()),
                    agreed.candidates());
            case Outcome.Refused refused ->
                Oracle.Verdict.refused(refused.explanation().reason(), refused.explanation().blames());
        };
    }

    private static List<Member> without(List<Member> members, Member one) {
        return members.stream().filter(other -> !other.equals(one)).toList();
    }

    /** Returns all orders of up to four members, some of more. */
    private static List<List<Member>> orders(List<Member> members, Random random) {
        if (members.size() > 4) {
            List<List<Member>> sample = new ArrayList<>();
            for (int i = 0; i < SAMPLED_ORDERS; i++) {
                List<Member> shuffled = new ArrayList<>(members);
                Collections.shuffle(shuffled, random);
                sample.add(shuffled);
            }
            return sample;
        }
        if (members.isEmpty()) {
            return List.of(List.of());
        }
        return members.stream()
                .flatMap(first -> orders(without(members, first), random).stream()
                        .map(rest -> {
                            List<Member> order = new ArrayList<>(List.of(first));
                            order.addAll(rest);
                            return order;
                        }))
                .toList();
    }

    @Test
    @DisplayName("100,000 random sets: answer, choice, combination, candidates and smallest conflict, in every order")
    void agreesWithBruteForce() {
        Map<Reason, Integer> refusals = new EnumMap<>(Reason.class);
        Set<Integer> sizes = new TreeSet<>();
        int agreed = 0;
        Random random = new Random(SEED);
        for (int i = 0; i < CASES; i++) {
            RandomCase drawn = new RandomCase(SEED + i);
            Oracle.Verdict expected = drawn.expected();
            Outcome first = Negotiation.negotiate(drawn.members(), drawn.demand, drawn.stage);
            assertThat(verdict(drawn.members(), first)).as("case %s: %s", i, drawn).isEqualTo(expected);
            for (List<Member> order : orders(drawn.members(), random)) {
                assertThat(Negotiation.negotiate(order, drawn.demand, drawn.stage))
                        .as("case %s in another order: %s", i, drawn)
                        .isEqualTo(first);
            }
            expected.reason().ifPresent(reason -> refusals.merge(reason, 1, Integer::sum));
            agreed += expected.reason().isEmpty() ? 1 : 0;
            sizes.add(expected.blames().size());
        }
        assertThat(agreed).isGreaterThan(CASES / 10);
        assertThat(refusals.keySet()).containsExactly(Reason.INCOMPATIBLE, Reason.NO_ALLOCATOR, Reason.BUSY);
        assertThat(sizes).contains(1, 2, 3);
        if (CASES == ALL_CASES) {
            assertThat(sizes).contains(4, 5, 6);
        }
    }

    /** A negotiation that is wrong on purpose. */
    private interface Mutant {
        Oracle.Verdict answer(RandomCase drawn);
    }

    private static Oracle.Verdict negotiated(RandomCase drawn, List<Member> members, Demand demand) {
        return verdict(members, Negotiation.negotiate(members, demand, drawn.stage));
    }

    private static void assertCaught(String what, Mutant mutant) {
        for (int i = 0; i < CASES_FOR_MUTANTS; i++) {
            RandomCase drawn = new RandomCase(SEED + i);
            if (!mutant.answer(drawn).equals(drawn.expected())) {
                return;
            }
        }
        fail(what + " was not caught in " + CASES_FOR_MUTANTS + " cases");
    }

    @Test
    @DisplayName("the oracle catches what is planted: nothing, first of all")
    void catchesNoMutation() {
        assertThatThrownBy(() -> assertCaught("no mutation", drawn ->
                        negotiated(drawn, drawn.members(), drawn.demand)))
                .hasMessageContaining("no mutation was not caught");
    }

    @ParameterizedTest
    @EnumSource(value = ConstraintField.class)
    @DisplayName("the oracle catches a negotiation that is blind to a field")
    void catchesForgottenField(ConstraintField field) {
        assertCaught("forgetting " + field, drawn -> negotiated(
                drawn,
                drawn.members().stream().map(member -> Relaxation.without(member, EnumSet.of(field))).toList(),
                drawn.demand));
    }

    @Test
    @DisplayName("the oracle catches a negotiation without pages, without alignment, and of another size")
    void catchesWrongDemand() {
        assertCaught("bytes for pages", drawn -> negotiated(
                drawn, drawn.members(), Demand.of(drawn.demand.byteSize(), 1, drawn.demand.alignment(), Set.of())));
        assertCaught("no alignment", drawn -> negotiated(
                drawn, drawn.members(), Demand.of(drawn.demand.byteSize(), Card.PAGE, 1, Set.of())));
        assertCaught("one byte more", drawn -> negotiated(
                drawn,
                drawn.members(),
                Demand.of(drawn.demand.byteSize() + 1, Card.PAGE, drawn.demand.alignment(), Set.of())));
    }

    @Test
    @DisplayName("the oracle catches a conflict without superfluous entries that is not the smallest")
    void catchesIrreducibleForSmallest() {
        assertCaught("irreducible", drawn -> conflict(drawn, drawn.members(), blames -> blames, -1));
    }

    @Test
    @DisplayName("the oracle catches ties that are broken the other way")
    void catchesTies() {
        List<String> names = List.of("9", "8", "7", "6", "5");
        assertCaught("ties", drawn -> {
            List<Member> members = drawn.members();
            List<Member> renamed = IntStream.range(0, members.size())
                    .mapToObj(i -> new Member(names.get(i), members.get(i).paths(), Optional.empty()))
                    .toList();
            return conflict(
                    drawn,
                    renamed,
                    blame -> new Blame(members.get(names.indexOf(blame.name())).name(), blame.field()),
                    Integer.MAX_VALUE);
        });
    }

    /** Searches the conflict of an incompatible set by itself; other sets are answered as they should be. */
    private static Oracle.Verdict conflict(
            RandomCase drawn, List<Member> members, UnaryOperator<Blame> named, int maxWork) {
        if (!drawn.expected().reason().equals(Optional.of(Reason.INCOMPATIBLE))) {
            return drawn.expected();
        }
        List<Seat> seats = Talks.seats(members, drawn.stage);
        return Oracle.Verdict.refused(
                Reason.INCOMPATIBLE,
                new Conflict(seats, Optional.of(drawn.demand), maxWork)
                        .smallest().stream().map(named).sorted().toList());
    }

    @Test
    @DisplayName("the oracle catches allocators and alternatives in another order, and a mapper that is forgotten")
    void catchesOrder() {
        assertCaught("allocators", drawn -> {
            Collections.reverse(drawn.stage.actors());
            Oracle.Verdict verdict = negotiated(drawn, drawn.members(), drawn.demand);
            Collections.reverse(drawn.stage.actors());
            return verdict;
        });
        assertCaught("alternatives", drawn -> negotiated(
                drawn,
                drawn.members().stream()
                        .map(member -> new Member(member.name(), member.paths().reversed(), Optional.empty()))
                        .toList(),
                drawn.demand));
        assertCaught("mappers", drawn ->
                verdict(drawn.members(), Negotiation.negotiate(drawn.members(), drawn.demand, new Stage())));
    }
}
