// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.core.quota.QuotaRule;
import dmabuf.core.quota.Quotas;
import java.util.LinkedHashMap;
import java.util.Map;
import org.osgi.service.log.Logger;

/**
 * Puts configured quotas in force. One that is refused, because another has its name or stands above it, is tried again
 * whenever something changes: it comes into force as soon as its obstacle goes.
 */
final class ConfiguredQuotas {
    private final Quotas quotas;
    private final Logger logger;
    private final Map<ConfiguredQuota, QuotaRule> wanted = new LinkedHashMap<>();

    ConfiguredQuotas(Quotas quotas, Logger logger) {
        this.quotas = quotas;
        this.logger = logger;
    }

    /** Puts what a configuration states now in force, or logs why not. */
    synchronized void put(ConfiguredQuota quota) {
        quota.rule().ifPresent(rule -> {
            wanted.put(quota, rule);
            state(quota, rule);
        });
        retry();
    }

    private void state(ConfiguredQuota quota, QuotaRule rule) {
        try {
            quotas.put(quota, rule).ifPresent(logger::warn);
        } catch (DmaBufException e) {
            logger.error("a quota is refused for now, and what was there stays in force: {}", e.getMessage());
        }
    }

    synchronized void remove(ConfiguredQuota quota) {
        wanted.remove(quota);
        quotas.remove(quota);
        retry();
    }

    /** All at once, because two may have changed names; else one by one, as long as one makes room for another. */
    private void retry() {
        boolean more = wanted.entrySet().stream().anyMatch(this::isWaiting) && !isStated(wanted);
        while (more) {
            more = wanted.entrySet().stream()
                    .anyMatch(entry -> isWaiting(entry) && isStated(Map.of(entry.getKey(), entry.getValue())));
        }
    }

    private boolean isWaiting(Map.Entry<ConfiguredQuota, QuotaRule> entry) {
        return !quotas.holds(entry.getKey(), entry.getValue());
    }

    private boolean isStated(Map<ConfiguredQuota, QuotaRule> rules) {
        try {
            quotas.putAll(rules);
            return true;
        } catch (DmaBufException _) {
            return false; // said when it was configured
        }
    }
}
