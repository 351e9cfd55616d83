// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.quota;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dmabuf.api.DmaBufException;
import dmabuf.api.QuotaInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the quotas answer about themselves and their owners, when a charge meets them, and what they let go of. */
class QuotaBooksTest {
    private final Quotas quotas = new Quotas();
    private final Payer camera = payer("acme.camera");
    private final Payer codec = payer("acme.codec");

    private static Payer payer(String name) {
        return new Payer() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public boolean isGone() {
                return false;
            }
        };
    }

    private static QuotaRule rule(String name, String key, String value) {
        return QuotaRule.of(Map.of("name", name, key, value));
    }

    private Charge charge(Payer payer, String pool, long byteSize) {
        Charge charge = quotas.open(payer, pool, Optional.empty());
        charge.take(Amount.ofMemory(byteSize));
        return charge;
    }

    private Charge move(Charge old, long byteSize) {
        Charge moved = quotas.open(old.payer(), "contig", Optional.of(old));
        moved.take(Amount.ofMemory(byteSize));
        return moved;
    }

    @Test
    void anOwnerIsToldTheQuotasThatLimitItAndTheirUse() {
        quotas.put(1, QuotaRule.of(Map.of("name", "all", "bytes", "900")));
        quotas.put(2, QuotaRule.of(Map.of("name", "each", "parent", "all", "owners", "acme.*", "perOwner", true)));
        quotas.put(3, QuotaRule.of(Map.of("name", "sram", "owners", "acme.camera", "pools", "sram")));
        quotas.put(4, rule("other", "owners", "acme.codec"));
        quotas.put(5, QuotaRule.of(Map.of("name", "beside", "owners", "acme.display")));
        charge(camera, "system", 70);
        charge(codec, "system", 5);
        assertThat(quotas.of(camera)).extracting(QuotaInfo::name, QuotaInfo::byteSize)
                .containsExactly(
                        tuple("all", 75L),
                        tuple("each", 70L),
                        tuple("sram", 0L));
        assertThat(quotas.of(camera).get(1).owner()).hasValue("acme.camera");
        assertThat(quotas.of(payer("acme.late"))).extracting(QuotaInfo::name).containsExactly("all", "each");
        assertThat(quotas.of(payer("other"))).isEmpty();
    }

    @Test
    void whatIsChargedIsListedByOwnerAndPool() {
        assertThat(quotas.payers()).isEmpty();
        charge(camera, "system", 70);
        charge(camera, "system", 7);
        charge(codec, "sram", 5);
        assertThat(quotas.pools(camera)).containsExactly(Map.entry("system", new Amount(77, 2)));
        assertThat(quotas.pools(codec)).containsExactly(Map.entry("sram", new Amount(5, 1)));
        assertThat(quotas.payers()).containsExactlyInAnyOrder(camera, codec);
    }

    @Test
    void rulesThatComeTogetherMayTakeEachOthersNames() {
        QuotaRule kept = rule("kept", "bytes", "1");
        quotas.put("k", kept);
        quotas.put("x", rule("a", "owners", "*"));
        quotas.put("y", rule("b", "owners", "*"));
        QuotaRule x = rule("b", "owners", "*");
        quotas.putAll(Map.of("x", x, "y", rule("a", "bytes", "5")));
        assertThat(quotas.all()).extracting(QuotaInfo::name).containsExactly("a", "b", "kept");
        assertThat(quotas.holds("k", kept)).isTrue();
        assertThat(quotas.holds("x", x)).isTrue();
        assertThat(quotas.holds("x", rule("b", "owners", "*"))).as("an equal one is another").isFalse();
        assertThatThrownBy(() -> quotas.putAll(Map.of("x", rule("kept", "bytes", "5"))))
                .isInstanceOf(DmaBufException.class).hasMessageContaining("is taken");
        assertThat(quotas.holds("x", x)).isTrue();
    }

    @Test
    void aQuotaThatCameSinceTheChargeWasOpenedLimitsIt() {
        Charge opened = quotas.open(camera, "system", Optional.empty());
        quotas.put("late", QuotaRule.of(Map.of("name", "late", "owners", "*", "bytes", "10")));
        assertThatThrownBy(() -> opened.take(Amount.ofMemory(11))).hasMessageStartingWith("quota late has no room");
        opened.take(Amount.ofMemory(10));
        quotas.remove("late");
        opened.take(Amount.ofMemory(11));
    }

    @Test
    void aNameThatIsNoPathMatchesNothing() {
        quotas.put("all", QuotaRule.of(Map.of("name", "all", "owners", "*", "pools", "*", "bytes", "1")));
        charge(camera, "po\0ol", 100);
        assertThat(quotas.all().getFirst().byteSize()).isZero();
    }

    @Test
    void aMoveThatIsGivenUpIsForgottenOnceItSaysSo() {
        Charge old = charge(camera, "system", 80);
        Charge moved = move(old, 90);
        moved.close();
        assertThat(old.family()).as("what it holds is still borrowed").containsExactly(old, moved);
        moved.giveBack(moved.amount());
        assertThat(old.family()).as("another source may be tried").containsExactly(old, moved);
        moved.close();
        assertThat(old.family()).isEqualTo(List.of(old));
        assertThat(moved.family()).isEqualTo(List.of(moved));
    }

    @Test
    void whatLendsNothingMoreForgetsItsBorrowers() {
        Charge old = charge(camera, "system", 80);
        Charge moved = move(old, 90);
        old.giveBack(old.amount());
        assertThat(old.family()).isEqualTo(List.of(old));
        assertThat(moved.family()).isEqualTo(List.of(moved));
    }

    @Test
    void whatIsWaivedBorrowsNothing() {
        Charge old = charge(camera, "system", 80);
        move(old, 90).waive();
        assertThat(old.family()).isEqualTo(List.of(old));
    }
}
