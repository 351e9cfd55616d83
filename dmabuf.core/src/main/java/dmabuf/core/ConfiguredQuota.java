// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.core.quota.QuotaRule;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;
import org.osgi.service.metatype.annotations.Designate;

/**
 * One configured quota. It waits for no core, but cores for it: one that starts has every quota that is configured before
 * anybody gets its exporter.
 */
@Designate(ocd = QuotaConfiguration.class, factory = true)
@Component(
        service = ConfiguredQuota.class,
        immediate = true,
        configurationPid = QuotaRule.PID,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class ConfiguredQuota {
    private final Logger logger;
    private volatile Optional<QuotaRule> rule = Optional.empty();

    /** Reads the configuration; a wrong one states nothing. */
    @Activate
    public ConfiguredQuota(
            Map<String, Object> configuration, @Reference(service = LoggerFactory.class) Logger logger) {
        this.logger = logger;
        configure(configuration);
    }

    /** Reads a changed configuration; a wrong one leaves the old one in force. */
    @Modified
    void configure(Map<String, Object> configuration) {
        try {
            rule = Optional.of(QuotaRule.of(configuration));
        } catch (DmaBufException e) {
            logger.error("a configuration of {} is refused, and what was there stays in force: {}", QuotaRule.PID,
                    e.getMessage());
        }
    }

    /** Returns what it states; empty while no good configuration came. */
    Optional<QuotaRule> rule() {
        return rule;
    }
}
