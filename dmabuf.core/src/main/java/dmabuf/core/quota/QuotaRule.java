// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.quota;

import dmabuf.api.DmaBufException;
import dmabuf.api.spi.ConfiguredValues;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** One quota as it is configured: whom it limits, where, and to how much. Immutable, compared by identity. */
public final class QuotaRule {
    /** The factory PID of its configurations. */
    public static final String PID = "dmabuf.quota";

    private static final String NAME = "name";
    private static final String PARENT = "parent";
    private static final String OWNERS = "owners";
    private static final String POOLS = "pools";
    private static final String BYTES = "bytes";
    private static final String DESCRIPTORS = "descriptors";
    private static final String PER_OWNER = "perOwner";
    private static final Set<String> KEYS = Set.of(NAME, PARENT, OWNERS, POOLS, BYTES, DESCRIPTORS, PER_OWNER);

    private final String name;
    private final Optional<String> parent;
    private final Globs owners;
    private final Globs pools;
    private final OptionalLong byteSize;
    private final OptionalLong descriptors;
    private final boolean perOwner;

    private QuotaRule(ConfiguredValues values, String name) {
        this.name = name;
        this.parent = values.text(PARENT);
        this.owners = globs(values, OWNERS);
        this.pools = globs(values, POOLS);
        this.byteSize = values.number(BYTES, 0, Long.MAX_VALUE);
        this.descriptors = values.number(DESCRIPTORS, 0, Long.MAX_VALUE);
        this.perOwner = values.flag(PER_OWNER);
    }

    /**
     * Reads a configuration.
     *
     * @throws DmaBufException INVALID for an unknown key, a value that is none, or without a name
     */
    public static QuotaRule of(Map<String, ?> configuration) {
        ConfiguredValues named = ConfiguredValues.of(PID, KEYS, configuration);
        String name = named.text(NAME).orElseThrow(() -> named.missing(NAME));
        return new QuotaRule(ConfiguredValues.of("quota " + name, KEYS, configuration), name);
    }

    private static Globs globs(ConfiguredValues values, String key) {
        return values.parsed(key, _ -> Globs.of(values.names(key))).orElse(Globs.of(List.of()));
    }

    /** Returns the name, by which others name it as their parent. */
    public String name() {
        return name;
    }

    /** Returns the quota above it, which is charged for whatever this one is charged for. */
    public Optional<String> parent() {
        return parent;
    }

    /** Returns the most bytes; empty for no limit. */
    public OptionalLong byteSize() {
        return byteSize;
    }

    /** Returns the most descriptors; empty for no limit. */
    public OptionalLong descriptors() {
        return descriptors;
    }

    /** Returns whether each owner has the limit for itself; otherwise all that match share it. */
    public boolean isPerOwner() {
        return perOwner;
    }

    /** Returns whether an owner is limited by it in some pool; one that names nobody counts for the quotas below it alone. */
    boolean matches(String owner) {
        return owners.matches(owner);
    }

    /** Returns whether what an owner takes of a pool is charged to it. */
    boolean matches(String owner, String pool) {
        return matches(owner) && (pools.isEmpty() || pools.matches(pool));
    }

    @Override
    public String toString() {
        return "quota " + name;
    }
}
