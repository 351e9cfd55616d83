// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.QuotaInfo;
import dmabuf.core.quota.Quotas;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.osgi.service.log.Logger;

/** Configurations in any order: what is refused comes into force as soon as its obstacle goes. */
class ConfiguredQuotasTest {
    private final List<String> said = new ArrayList<>();
    private final Logger logger = (Logger) Proxy.newProxyInstance(
            Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (_, method, _) -> {
                said.add(method.getName());
                return null;
            });
    private final Quotas quotas = new Quotas();
    private final ConfiguredQuotas configured = new ConfiguredQuotas(quotas, logger);

    private ConfiguredQuota quota(String name, String key, Object value) {
        ConfiguredQuota quota = new ConfiguredQuota(Map.of("name", name, key, value), logger);
        configured.put(quota);
        return quota;
    }

    private void change(ConfiguredQuota quota, String name, String key, Object value) {
        quota.configure(Map.of("name", name, key, value));
        configured.put(quota);
    }

    private long limit(String name) {
        return quotas.all().stream()
                .filter(quota -> quota.name().equals(name))
                .mapToLong(quota -> quota.byteLimit().orElseThrow())
                .sum();
    }

    @Test
    void theSecondOfANameHoldsWhenTheFirstGoes() {
        ConfiguredQuota first = quota("app", "bytes", 1);
        ConfiguredQuota second = quota("app", "bytes", 2);
        assertThat(limit("app")).isEqualTo(1);
        assertThat(said).containsExactly("error");
        configured.remove(first);
        assertThat(limit("app")).isEqualTo(2);
        configured.remove(second);
        assertThat(quotas.all()).isEmpty();
    }

    @Test
    void twoMayTakeEachOthersNames() {
        ConfiguredQuota one = quota("a", "bytes", 1);
        ConfiguredQuota two = quota("b", "bytes", 2);
        change(one, "b", "bytes", 1);
        assertThat(limit("a")).as("the old one stays in force meanwhile").isEqualTo(1);
        change(two, "a", "bytes", 2);
        assertThat(limit("b")).isEqualTo(1);
        assertThat(limit("a")).isEqualTo(2);
    }

    @Test
    void oneThatStoodAboveItselfHoldsWhenTheOtherChanges() {
        ConfiguredQuota above = quota("above", "parent", "below");
        quota("below", "parent", "above");
        assertThat(quotas.all()).extracting(QuotaInfo::name).containsExactly("above");
        change(above, "above", "bytes", 1);
        assertThat(quotas.all()).extracting(QuotaInfo::name).containsExactly("above", "below");
    }

    @Test
    void aWrongValueLeavesTheOldOneInForce() {
        ConfiguredQuota quota = quota("app", "bytes", 1);
        change(quota, "app", "bytes", "much");
        assertThat(limit("app")).isEqualTo(1);
        change(quota, "app", "bytes", 2);
        assertThat(limit("app")).isEqualTo(2);
    }
}
