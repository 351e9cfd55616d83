// SPDX-License-Identifier: Apache-2.0
package itests.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;

/** Keys of a configuration that are otherwise until it is closed. */
public final class Setting implements AutoCloseable {
    private static final Duration AGAIN = Duration.ofSeconds(3);

    private final Configuration configuration;
    private final @Nullable Dictionary<String, Object> before;
    private final Map<String, ?> keys;
    private BooleanSupplier isOver = () -> true;
    private long since;

    private Setting(Configuration configuration, Map<String, ?> keys) {
        this.configuration = configuration;
        this.keys = keys;
        this.before = configuration.getProperties();
    }

    /** Sets keys of a PID. */
    public static Setting of(ConfigurationAdmin admin, String pid, Map<String, ?> keys) {
        try {
            return new Setting(admin.getConfiguration(pid, "?"), keys).applied();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sets keys of the configuration of a factory that has this id. */
    public static Setting ofFactory(ConfigurationAdmin admin, String factory, String id, Map<String, ?> keys) {
        try {
            Configuration[] found = admin.listConfigurations("(&(service.factoryPid=" + factory + ")(id=" + id + "))");
            if (found == null) {
                throw new IllegalStateException("no configuration of " + factory + " has the id " + id);
            }
            return new Setting(found[0], keys).applied();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InvalidSyntaxException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private Setting applied() throws IOException {
        Map<String, Object> changed = copy(configuration.getProperties());
        changed.putAll(keys);
        configuration.update(FrameworkUtil.asDictionary(changed));
        since = System.nanoTime();
        return this;
    }

    /** Waits until the keys are in force; {@link #close} will wait until what was there before is in force again. */
    public Setting inForce(BooleanSupplier isInForce, BooleanSupplier isOver) {
        this.isOver = isOver;
        Bench.await(() -> {
            keep();
            return isInForce.getAsBoolean() ? Optional.empty() : Optional.of("not in force: " + this);
        });
        return this;
    }

    /**
     * Sets the keys again, from time to time, for whoever waits for their effect. Somebody else who completes the
     * configuration at the same moment may have written them over, because Configuration Admin cannot compare and set;
     * and Declarative Services, told of two changes in one moment, may take the count of the second for the values of
     * the first, and not look again before the next change.
     */
    public void keep() {
        if (System.nanoTime() - since < AGAIN.toNanos()) {
            return;
        }
        try {
            applied();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Object> copy(@Nullable Dictionary<String, Object> from) {
        return from == null ? new HashMap<>() : new HashMap<>(FrameworkUtil.asMap(from));
    }

    /** Returns what the configuration says now. */
    @Override
    public String toString() {
        return String.valueOf(copy(configuration.getProperties()));
    }

    @Override
    public void close() {
        putBack();
        Bench.await(() -> {
            if (System.nanoTime() - since > AGAIN.toNanos()) {
                putBack();
            }
            return isOver.getAsBoolean() ? Optional.empty() : Optional.of("not over: " + this);
        });
    }

    private void putBack() {
        try {
            configuration.update(FrameworkUtil.asDictionary(copy(before)));
            since = System.nanoTime();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
