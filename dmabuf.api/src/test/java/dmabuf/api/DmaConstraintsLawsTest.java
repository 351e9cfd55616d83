// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** The laws of contract section 3, each over 100,000 random inputs; a refusal is a value like any other. */
class DmaConstraintsLawsTest {
    private static final int CASES = 100_000;
    private static final long SEED = 3;

    private final RandomConstraints inputs = new RandomConstraints(SEED);

    private static Optional<DmaConstraints> combine(Optional<DmaConstraints> a, Optional<DmaConstraints> b) {
        return a.flatMap(left -> b.flatMap(left::tryCombine));
    }

    private static Optional<DmaConstraints> combine(List<DmaConstraints> all) {
        return all.stream()
                .map(Optional::of)
                .reduce(Optional.of(DmaConstraints.NEUTRAL), DmaConstraintsLawsTest::combine);
    }

    private Optional<DmaConstraints> next() {
        return Optional.of(inputs.next());
    }

    private static void check(boolean holds, Object... about) {
        if (!holds) {
            throw new AssertionError("does not hold for " + List.of(about));
        }
    }

    @Test
    @DisplayName("commutative, refusals included")
    void commutative() {
        int refused = 0;
        for (int i = 0; i < CASES; i++) {
            Optional<DmaConstraints> a = next();
            Optional<DmaConstraints> b = next();
            check(combine(a, b).equals(combine(b, a)), a, b);
            check(a.get().contradiction(b.get()).equals(b.get().contradiction(a.get())), a, b);
            refused += combine(a, b).isEmpty() ? 1 : 0;
        }
        assertThat(refused).as("refusals and agreements both occur").isBetween(CASES / 5, CASES * 4 / 5);
    }

    @Test
    @DisplayName("associative, refusals included")
    void associative() {
        for (int i = 0; i < CASES; i++) {
            Optional<DmaConstraints> a = next();
            Optional<DmaConstraints> b = next();
            Optional<DmaConstraints> c = next();
            check(combine(combine(a, b), c).equals(combine(a, combine(b, c))), a, b, c);
        }
    }

    @Test
    @DisplayName("several at once combine as one after the other, and none to neutral")
    void together() {
        int refused = 0;
        for (int i = 0; i < CASES; i++) {
            List<DmaConstraints> all = List.of(inputs.next(), inputs.next(), inputs.next());
            check(DmaConstraints.tryCombineAll(all).equals(combine(all)), all);
            refused += combine(all).isEmpty() ? 1 : 0;
        }
        assertThat(refused).as("refusals and agreements both occur").isBetween(CASES / 20, CASES * 19 / 20);
        assertThat(DmaConstraints.tryCombineAll(List.of())).hasValue(DmaConstraints.NEUTRAL);
    }

    @Test
    @DisplayName("idempotent; neutral is the identity")
    void idempotentAndIdentity() {
        for (int i = 0; i < CASES; i++) {
            Optional<DmaConstraints> a = next();
            check(combine(a, a).equals(a), a);
            check(combine(a, Optional.of(DmaConstraints.NEUTRAL)).equals(a), a);
            check(combine(Optional.of(DmaConstraints.NEUTRAL), a).equals(a), a);
            check(combine(a, a).map(Object::hashCode).equals(a.map(Object::hashCode)), a);
        }
    }

    @Test
    @DisplayName("the result is never laxer than a part")
    void neverLaxer() {
        for (int i = 0; i < CASES; i++) {
            DmaConstraints a = inputs.next();
            DmaConstraints b = inputs.next();
            a.tryCombine(b).ifPresent(both -> {
                check(isAtLeastAsStrict(both, a), both, a);
                check(isAtLeastAsStrict(both, b), both, b);
                check(combine(Optional.of(both), Optional.of(a)).equals(Optional.of(both)), both, a);
            });
        }
    }

    /** Written out field by field from the contract's table, in numbers of any size. */
    private static boolean isAtLeastAsStrict(DmaConstraints strict, DmaConstraints lax) {
        return strict.addressRanges().intervals().stream().allMatch(part -> lax.addressRanges().contains(part))
                && Long.compareUnsigned(strict.alignment(), lax.alignment()) >= 0
                && limit(strict.maxSegments()).compareTo(limit(lax.maxSegments())) <= 0
                && limit(strict.maxSegmentSize()).compareTo(limit(lax.maxSegmentSize())) <= 0
                && limit(strict.segmentBoundary()).compareTo(limit(lax.segmentBoundary())) <= 0
                && Long.compareUnsigned(strict.granule(), lax.granule()) >= 0
                && unsigned(strict.sizeDivisor()).mod(unsigned(lax.sizeDivisor())).signum() == 0
                && Long.compareUnsigned(strict.minSize(), lax.minSize()) >= 0
                && limit(strict.maxSize()).compareTo(limit(lax.maxSize())) <= 0
                && (strict.accessMask() & ~lax.accessMask()) == 0
                && lax.pools().map(any -> strict.pools().filter(any::containsAll).isPresent()).orElse(true)
                && (strict.isCoherentRequired() || !lax.isCoherentRequired())
                && (strict.isSecureRequired() || !lax.isSecureRequired())
                && (strict.isExclusive() || !lax.isExclusive());
    }

    private static BigInteger limit(java.util.OptionalLong value) {
        return value.isPresent() ? unsigned(value.getAsLong()) : BigInteger.ONE.shiftLeft(64);
    }

    private static BigInteger unsigned(long value) {
        return new BigInteger(Long.toUnsignedString(value));
    }

    @Test
    @DisplayName("a refusal is exact: it comes when, and only when, a field of the table leaves nothing")
    void refusedWhen() {
        for (int i = 0; i < CASES; i++) {
            DmaConstraints a = inputs.next();
            DmaConstraints b = inputs.next();
            Optional<ConstraintField> expected = leavesNothing(a, b);
            check(a.contradiction(b).equals(expected), a, b, expected);
            check(a.tryCombine(b).isEmpty() == expected.isPresent(), a, b);
        }
    }

    private static Optional<ConstraintField> leavesNothing(DmaConstraints a, DmaConstraints b) {
        boolean meet = a.addressRanges().intervals().stream()
                .anyMatch(mine -> b.addressRanges().intervals().stream()
                        .anyMatch(its -> mine.intersect(its).isPresent()));
        if (!meet) {
            return Optional.of(ConstraintField.RANGE);
        }
        BigInteger x = unsigned(a.sizeDivisor());
        BigInteger y = unsigned(b.sizeDivisor());
        if (x.divide(x.gcd(y)).multiply(y).bitLength() > 64) {
            return Optional.of(ConstraintField.DIVISOR);
        }
        if (areBoundsCrossed(a, b)) {
            return Optional.of(ConstraintField.MIN_SIZE);
        }
        if ((a.accessMask() & b.accessMask()) == 0) {
            return Optional.of(ConstraintField.ACCESS);
        }
        boolean disjoint = a.pools().isPresent() && b.pools().isPresent()
                && Collections.disjoint(a.pools().get(), b.pools().get());
        return disjoint ? Optional.of(ConstraintField.POOLS) : Optional.empty();
    }

    private static boolean areBoundsCrossed(DmaConstraints a, DmaConstraints b) {
        BigInteger unit = unsigned(a.alignment()).max(unsigned(b.alignment()));
        BigInteger least = unsigned(a.minSize()).max(unsigned(b.minSize()));
        BigInteger most = limit(a.maxSize()).min(limit(b.maxSize()));
        BigInteger up = least.add(unit).subtract(BigInteger.ONE).divide(unit).multiply(unit);
        return most.bitLength() <= 64 && up.compareTo(most.divide(unit).multiply(unit)) > 0;
    }

    @Test
    @DisplayName("2014 defect 'detach never widens': incremental = batch = recompute, after any attaches and detaches")
    void attachesAndDetaches() {
        Random shuffle = new Random(SEED);
        List<DmaConstraints> attached = new ArrayList<>();
        Optional<DmaConstraints> incremental = Optional.of(DmaConstraints.NEUTRAL);
        for (int i = 0; i < CASES; i++) {
            if (attached.size() < 6 && inputs.random().nextInt(3) > 0) {
                DmaConstraints newcomer = inputs.next();
                Optional<DmaConstraints> with = combine(incremental, Optional.of(newcomer));
                if (with.isPresent()) {
                    attached.add(newcomer);
                    incremental = with;
                }
            } else if (!attached.isEmpty()) {
                attached.remove(inputs.random().nextInt(attached.size()));
                incremental = combine(attached);
            }
            List<DmaConstraints> batch = new ArrayList<>(attached);
            Collections.shuffle(batch, shuffle);
            check(combine(batch).equals(incremental), batch);
        }
    }

    @Test
    @DisplayName("written out and read back unchanged, pool names with commas, backslashes and blanks included")
    void textRoundTrip() {
        for (int i = 0; i < CASES; i++) {
            DmaConstraints a = inputs.next();
            DmaConstraints read = DmaConstraints.parse(a.toString());
            check(read.equals(a), a, read);
            check(read.toString().equals(a.toString()), a, read);
            check(read.isAccessMaskStatedZero() == a.isAccessMaskStatedZero(), a, read);
        }
    }

    @Test
    @DisplayName("clearing the fields one by one ends at neutral, and never asks for more on the way")
    void clear() {
        for (int i = 0; i < CASES / 10; i++) {
            DmaConstraints left = inputs.next();
            for (ConstraintField field : ConstraintField.values()) {
                DmaConstraints cleared = left.toBuilder().clear(field).build();
                check(isAtLeastAsStrict(left, cleared), left, cleared);
                left = cleared;
            }
            assertThat(left).isEqualTo(DmaConstraints.NEUTRAL).hasToString("");
        }
    }
}
