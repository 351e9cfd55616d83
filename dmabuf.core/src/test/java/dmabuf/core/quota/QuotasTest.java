// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dmabuf.api.DmaBufException;
import dmabuf.api.QuotaInfo;
import dmabuf.api.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Limits hold to the byte, upward through all quotas above, and what is refused leaves no trace. */
class QuotasTest {
    private final Quotas quotas = new Quotas();
    private final Owner camera = new Owner("acme.camera");
    private final Owner codec = new Owner("acme.codec");

    private static final class Owner implements Payer {
        private final String name;
        private boolean left;

        Owner(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean isGone() {
            return left;
        }
    }

    private Optional<String> quota(String name, Object... more) {
        return quotas.put(name, rule(name, more));
    }

    private static QuotaRule rule(String name, Object... more) {
        Map<String, Object> configuration = new HashMap<>(Map.of("name", name));
        for (int i = 0; i < more.length; i += 2) {
            configuration.put((String) more[i], more[i + 1]);
        }
        return QuotaRule.of(configuration);
    }

    private Charge open(Owner owner, String pool) {
        return quotas.open(owner, pool, Optional.empty());
    }

    private Charge charge(Owner owner, String pool, long byteSize) {
        Charge charge = open(owner, pool);
        charge.take(Amount.ofMemory(byteSize));
        return charge;
    }

    private static DmaBufException refusal(ThrowingCallable action) {
        return catchThrowableOfType(DmaBufException.class, action);
    }

    private QuotaInfo one(String name) {
        return quotas.all().stream().filter(quota -> quota.name().equals(name)).findFirst().orElseThrow();
    }

    private long used(String name) {
        return one(name).byteSize();
    }

    @Test
    void theLastByteIsGivenAndNoneMore() {
        quota("app", "owners", "acme.*", "bytes", "100");
        charge(camera, "system", 60);
        Charge second = charge(codec, "system", 40);
        DmaBufException refused = refusal(() -> open(codec, "contig").take(new Amount(1, 0)));
        assertThat(refused.reason()).isEqualTo(Reason.QUOTA);
        assertThat(refused).hasMessage("quota app has no room in bytes: limit=100, used=100, asked=1 (owner acme.codec)");
        assertThat(used("app")).isEqualTo(100);
        second.giveBack(new Amount(1, 0));
        open(camera, "contig").take(new Amount(1, 0));
        assertThat(used("app")).isEqualTo(100);
    }

    @Test
    void descriptorsAreCountedBesideBytes() {
        quota("app", "owners", "*", "descriptors", "2");
        charge(camera, "system", 60);
        charge(camera, "system", 60);
        assertThat(refusal(() -> charge(camera, "system", 0)))
                .hasMessage("quota app has no room in descriptors: limit=2, used=2, asked=1 (owner acme.camera)");
        assertThat(one("app").descriptors()).isEqualTo(2);
        assertThat(used("app")).isEqualTo(120);
    }

    @Test
    void unsetIsNoLimitAndZeroIsNothing() {
        quota("counts", "owners", "*");
        charge(camera, "system", 1L << 40);
        quota("nothing", "owners", "*", "bytes", "0");
        assertThat(refusal(() -> charge(camera, "system", 1)).reason()).isEqualTo(Reason.QUOTA);
        assertThat(used("counts")).isEqualTo(1L << 40);
    }

    @Test
    void aChargeThatAParentRefusesCountsNowhere() {
        quota("all", "bytes", "100");
        quota("media", "parent", "all", "bytes", "90");
        quota("camera", "parent", "media", "owners", "acme.camera", "bytes", "80");
        quota("codec", "parent", "media", "owners", "acme.codec");
        charge(camera, "system", 70);
        assertThat(refusal(() -> charge(codec, "system", 21))).hasMessageStartingWith("quota media");
        assertThat(used("all")).isEqualTo(70);
        assertThat(used("media")).isEqualTo(70);
        assertThat(used("codec")).isZero();
        assertThat(one("codec").descriptors()).isZero();
        charge(codec, "system", 20);
        assertThat(used("all")).isEqualTo(90);
        assertThat(refusal(() -> charge(camera, "system", 11))).hasMessageStartingWith("quota camera");
    }

    @Test
    void aQuotaThatMatchesByItselfAndAsAParentCountsOnce() {
        quota("all", "owners", "*");
        quota("camera", "parent", "all", "owners", "acme.camera");
        charge(camera, "system", 70);
        assertThat(used("all")).isEqualTo(70);
    }

    @Test
    void poolsAreCountedApart() {
        quota("sram", "owners", "*", "pools", "sram*", "bytes", "10");
        charge(camera, "system", 1000);
        charge(camera, "sram0", 10);
        assertThat(refusal(() -> charge(codec, "sram1", 1)).reason()).isEqualTo(Reason.QUOTA);
        assertThat(quotas.pools(camera)).containsExactly(
                Map.entry("sram0", new Amount(10, 1)), Map.entry("system", new Amount(1000, 1)));
    }

    @Test
    void eachOwnerMayHaveALimitForItself() {
        quota("all", "bytes", "150");
        quota("each", "parent", "all", "owners", "acme.*", "bytes", "100", "perOwner", true);
        charge(camera, "system", 100);
        charge(codec, "system", 50);
        assertThat(refusal(() -> charge(camera, "system", 1))).hasMessageStartingWith("quota each");
        assertThat(refusal(() -> charge(codec, "system", 1))).hasMessageStartingWith("quota all");
        assertThat(quotas.all()).filteredOn(quota -> quota.name().equals("each"))
                .extracting(quota -> quota.owner().orElseThrow() + "=" + quota.byteSize())
                .containsExactlyInAnyOrder("acme.camera=100", "acme.codec=50");
        Owner again = new Owner("acme.camera");
        assertThat(refusal(() -> charge(again, "system", 1))).as("another start").hasMessageStartingWith("quota all");
    }

    @Test
    void aChangedLimitHoldsAtOnceAndRefusesOnlyWhatIsNew() {
        quota("app", "owners", "*", "bytes", "100");
        Charge held = charge(camera, "system", 100);
        quota("app", "owners", "*", "bytes", "50");
        assertThat(used("app")).isEqualTo(100);
        held.giveBack(new Amount(40, 0));
        assertThat(refusal(() -> held.take(new Amount(1, 0)))).hasMessageContaining("limit=50, used=60, asked=1");
        held.take(Amount.DESCRIPTOR);
        quota("app", "owners", "*", "bytes", "61");
        held.take(new Amount(1, 0));
        quotas.remove("app");
        charge(camera, "system", 1000);
        quota("late", "owners", "acme.camera", "bytes", "2000");
        assertThat(used("late")).as("what was there before the quota counts").isEqualTo(1061);
    }

    @Test
    void whatReplacesCountsOnlyForWhatItTakesBeyond() {
        quota("app", "owners", "*", "bytes", "100", "descriptors", "1");
        Charge old = charge(camera, "system", 80);
        Charge larger = quotas.open(camera, "contig", Optional.of(old));
        larger.take(Amount.ofMemory(100));
        assertThat(used("app")).isEqualTo(100);
        assertThat(refusal(() -> larger.take(new Amount(1, 0)))).hasMessageContaining("used=100, asked=1");
        old.giveBack(old.amount());
        assertThat(used("app")).isEqualTo(100);
        Charge smaller = quotas.open(camera, "system", Optional.of(larger));
        smaller.take(Amount.ofMemory(10));
        assertThat(used("app")).isEqualTo(100);
        larger.giveBack(larger.amount());
        assertThat(used("app")).isEqualTo(10);
        assertThat(one("app").descriptors()).isEqualTo(1);
    }

    @Test
    void whatReplacesCountsInFullWhereTheOldOneDoesNotCount() {
        quota("contig", "owners", "*", "pools", "contig", "bytes", "100");
        Charge old = charge(camera, "system", 80);
        charge(camera, "contig", 30);
        Charge moved = quotas.open(camera, "contig", Optional.of(old));
        assertThat(refusal(() -> moved.take(Amount.ofMemory(80)))).hasMessageContaining("used=30, asked=80");
        moved.take(Amount.ofMemory(70));
        old.giveBack(old.amount());
        assertThat(used("contig")).isEqualTo(100);
    }

    @Test
    void whatIsKeptBesideItsSuccessorCountsInFullOrNotAtAll() {
        quota("app", "owners", "*", "bytes", "169", "descriptors", "3");
        Charge old = charge(camera, "system", 80);
        Charge moved = quotas.open(camera, "contig", Optional.of(old));
        moved.take(Amount.ofMemory(90));
        Charge late = quotas.open(camera, "iommu", Optional.of(old));
        assertThat(moved.repay()).as("one byte too much").isFalse();
        assertThat(used("app")).isEqualTo(90);
        quota("app", "owners", "*", "bytes", "170", "descriptors", "1");
        assertThat(moved.repay()).as("one descriptor too much").isFalse();
        quota("app", "owners", "*", "bytes", "170", "descriptors", "2");
        assertThat(moved.repay()).isTrue();
        assertThat(used("app")).isEqualTo(170);
        assertThat(one("app").descriptors()).isEqualTo(2);
        assertThat(moved.repay()).as("again").isTrue();
        late.take(Amount.ofMemory(80));
        assertThat(used("app")).as("the loan is free for another one").isEqualTo(170);
        old.giveBack(old.amount());
        assertThat(used("app")).as("without the loan").isEqualTo(170);
        moved.giveBack(moved.amount());
        late.giveBack(late.amount());
        assertThat(used("app")).isZero();
    }

    @Test
    void aMoveThatIsGivenUpLeavesWhatWas() {
        quota("app", "owners", "*", "bytes", "100");
        Charge old = charge(camera, "system", 80);
        Charge first = quotas.open(camera, "contig", Optional.of(old));
        first.take(Amount.ofMemory(90));
        Charge second = quotas.open(camera, "iommu", Optional.of(old));
        assertThat(refusal(() -> second.take(Amount.ofMemory(80))))
                .as("two cannot borrow the same bytes").hasMessageContaining("used=90, asked=80");
        first.giveBack(first.amount());
        first.close();
        second.close();
        assertThat(used("app")).isEqualTo(80);
        Charge third = quotas.open(camera, "iommu", Optional.of(old));
        third.take(Amount.ofMemory(100));
        assertThat(used("app")).isEqualTo(100);
    }

    /** One source after the other is tried inside one request: what the first gave back, the next may take. */
    @Test
    void whatFailsOnTheWayDoesNotEndTheLoan() {
        quota("app", "owners", "*", "bytes", "100");
        Charge old = charge(camera, "system", 80);
        Charge moved = quotas.open(camera, "contig", Optional.of(old));
        moved.take(Amount.ofMemory(80));
        moved.giveBack(Amount.ofMemory(80));
        moved.take(Amount.ofMemory(90));
        assertThat(used("app")).isEqualTo(90);
        old.giveBack(old.amount());
        assertThat(used("app")).isEqualTo(90);
    }

    @Test
    void aLimitThatComesDuringAMoveCountsItRight() {
        Charge old = charge(camera, "system", 80);
        Charge moved = quotas.open(camera, "contig", Optional.of(old));
        moved.take(Amount.ofMemory(90));
        quota("app", "owners", "*", "bytes", "100");
        quota("system", "owners", "*", "pools", "system");
        quota("contig", "owners", "*", "pools", "contig");
        assertThat(used("app")).isEqualTo(90);
        assertThat(used("system")).isEqualTo(80);
        assertThat(used("contig")).isEqualTo(90);
        old.giveBack(old.amount());
        assertThat(used("app")).isEqualTo(90);
        assertThat(used("system")).isZero();
        moved.giveBack(moved.amount());
        assertThat(used("app")).isZero();
    }

    @Test
    void whatIsWaivedIsChargedToNobody() {
        quota("app", "owners", "*", "bytes", "100");
        Charge held = charge(camera, "system", 100);
        held.waive();
        assertThat(used("app")).isZero();
        held.giveBack(Amount.ofMemory(100));
        held.take(Amount.ofMemory(1000));
        assertThat(used("app")).isZero();
        assertThat(quotas.payers()).isEmpty();
        camera.left = true;
        charge(camera, "system", 1000);
        assertThat(used("app")).as("an owner that left").isZero();
    }

    @Test
    void whatIsWrongLeavesTheOldInForce() {
        quota("a", "owners", "*", "bytes", "100");
        assertThat(quota("b", "parent", "a")).isEmpty();
        assertThat(refusal(() -> quota("a", "parent", "b")))
                .hasMessage("quota a would stand above itself: parent=b");
        assertThat(refusal(() -> quotas.put("other", rule("a", "bytes", "5"))))
                .hasMessage("the name of quota a is taken by another configuration");
        assertThat(quotas.all()).extracting(QuotaInfo::name).containsExactly("a", "b");
        assertThat(refusal(() -> charge(camera, "system", 101)).reason()).isEqualTo(Reason.QUOTA);
        assertThat(quota("c", "parent", "later")).contains("quota c stands alone until its parent comes, quota later");
        quota("c", "parent", "later", "owners", "acme.codec");
        quota("later", "bytes", "7");
        assertThat(refusal(() -> charge(codec, "system", 8))).hasMessageContaining("limit=7");
    }

    @Test
    void configurationsAreReadStrictly() {
        assertThat(refusal(() -> QuotaRule.of(Map.of("bytes", "5")))).hasMessage("name of dmabuf.quota is missing");
        assertThat(refusal(() -> rule("a", "bytes", "much"))).hasMessageStartingWith("bytes=much of quota a: ");
        assertThat(refusal(() -> rule("a", "owners", "["))).hasMessage("owners=[ of quota a: '[' is no glob");
        assertThat(refusal(() -> rule("a", "size", "5"))).hasMessageStartingWith("unknown key 'size' of dmabuf.quota");
        assertThat(rule("a", "bytes", "64K", "parent", "", "owners", new String[] {"b", "c"}).byteSize()).hasValue(65536);
    }

    /** Random charges, moves that are kept or given up, and stops; the sums are compared with a count from the beginning. */
    @Test
    void whatIsCountedStepByStepIsWhatACountFromTheBeginningFinds() {
        quota("all", "bytes", "400", "descriptors", "9");
        quota("each", "parent", "all", "owners", "acme.*", "bytes", "250", "perOwner", true);
        quota("low", "owners", "*", "pools", "low", "bytes", "200");
        Random random = new Random(5);
        List<Charge> held = new ArrayList<>();
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            refused += step(random, held) ? 0 : 1;
            List<QuotaInfo> counted = quotas.all();
            quotas.put("each", rule("each", "parent", "all", "owners", "acme.*", "bytes", "250", "perOwner", true));
            assertThat(quotas.all()).as("step " + i).containsExactlyInAnyOrderElementsOf(counted);
            assertThat(counted).as("step " + i).allMatch(quota -> quota.byteSize() <= quota.byteLimit().orElseThrow()
                    && quota.descriptors() <= quota.descriptorLimit().orElse(Long.MAX_VALUE));
        }
        assertThat(refused).as("steps that met a limit").isBetween(1000, 19_000);
        held.forEach(charge -> charge.giveBack(charge.amount()));
        assertThat(quotas.all()).allMatch(quota -> quota.byteSize() == 0 && quota.descriptors() == 0);
        assertThat(quotas.payers()).isEmpty();
    }

    private boolean step(Random random, List<Charge> held) {
        Amount cost = Amount.ofMemory(random.nextInt(100));
        String pool = random.nextBoolean() ? "low" : "high";
        int kind = held.isEmpty() ? 0 : random.nextInt(5);
        Charge one = held.isEmpty() ? open(camera, pool) : held.get(random.nextInt(held.size()));
        switch (kind) {
            case 0, 1 -> {
                Charge fresh = open(random.nextBoolean() ? camera : codec, pool);
                return isTaken(fresh, cost) && held.add(fresh);
            }
            case 2 -> one.giveBack(one.amount());
            case 3 -> one.waive();
            default -> {
                return move(random, one, pool, cost, held);
            }
        }
        return held.remove(one);
    }

    private boolean move(Random random, Charge old, String pool, Amount cost, List<Charge> held) {
        Charge moved = quotas.open(old.payer(), pool, Optional.of(old));
        if (!isTaken(moved, cost)) {
            moved.close();
            return false;
        }
        Charge gone = random.nextBoolean() ? old : moved;
        gone.giveBack(gone.amount());
        gone.close();
        held.remove(old);
        return held.add(gone == old ? moved : old);
    }

    private static boolean isTaken(Charge charge, Amount cost) {
        try {
            charge.take(cost);
            return true;
        } catch (DmaBufException e) {
            assertThat(e.reason()).isEqualTo(Reason.QUOTA);
            return false;
        }
    }

    @Test
    void blanksBesideACommaAreNoPartOfAName() {
        quota("both", "owners", "acme.camera , acme.codec", "bytes", "10");
        assertThat(refusal(() -> charge(codec, "system", 11)).reason()).isEqualTo(Reason.QUOTA);
        assertThat(refusal(() -> charge(camera, "system", 11)).reason()).isEqualTo(Reason.QUOTA);
    }

    @Test
    void moreThanCanBeCountedIsRefused() {
        Charge most = open(camera, "system");
        most.take(new Amount(1L << 52, 0));
        most.giveBack(most.amount());
        assertThat(refusal(() -> most.take(new Amount((1L << 52) + 1, 0)))).hasMessageStartingWith("no machine has");
        assertThat(refusal(() -> charge(camera, "system", Long.MAX_VALUE)).reason()).isEqualTo(Reason.OUT_OF_MEMORY);
        assertThat(quotas.payers()).isEmpty();
    }
}
