// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.spi.Board.BoardAllocator;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Dictionary;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.cm.ConfigurationEvent;
import org.osgi.service.cm.ConfigurationListener;
import org.osgi.service.cm.ConfigurationPlugin;
import org.osgi.service.log.Logger;

/**
 * Hands the pools, the RAM and the domains of a board to the allocators: as configurations of the factory
 * {@code allocator.contig} and of the singletons {@code allocator.system} and {@code allocator.iommu}. Whatever an
 * operator wrote into one of them stays and wins; what was added is remembered in the configuration itself, under
 * {@value #KEYS}, so that it is found and taken back also after a crash. An allocator that is given a
 * configuration never misses what the board states, not even while it is being written: as a plugin of Configuration
 * Admin this adds it on the way. For any number of threads.
 */
final class AllocatorConfigurations implements ConfigurationPlugin, ConfigurationListener {
    /** Key of the names of the keys that come from the board. */
    static final String KEYS = "dmabuf.board.keys";

    /** A configuration that is there only until its own event comes, which follows those of all that is deleted. */
    static final String MARKER = "dmabuf.board.deletions";

    private static final String PID_PREFIX = "allocator.";
    private static final String FACTORY_TYPE = "contig";
    /** The properties of the plugin: it is called for these alone, after every other one. */
    static final Map<String, Object> PLUGIN = Map.of(
            CM_TARGET, new String[] {"allocator.system", "allocator.iommu", "allocator.contig"}, CM_RANKING, 1000);

    private static final String ANY_LOCATION = "?";
    private static final Set<String> FRAMEWORK_KEYS = Set.of(
            Constants.SERVICE_PID, ConfigurationAdmin.SERVICE_FACTORYPID, ConfigurationAdmin.SERVICE_BUNDLELOCATION);

    private final ConfigurationAdmin admin;
    private final Logger logger;
    /** What was deleted and is to be written again once every listener knows. */
    private final Set<String> deleted = new LinkedHashSet<>();

    private volatile Map<String, BoardAllocator> wanted = Map.of();

    AllocatorConfigurations(ConfigurationAdmin admin, Logger logger) {
        this.admin = admin;
        this.logger = logger;
    }

    /** Makes the configurations for these allocators and takes back those of an earlier board. */
    synchronized void apply(Collection<BoardAllocator> allocators) {
        Map<String, BoardAllocator> next = new HashMap<>();
        // Where there is nothing to say there is nothing to write, nor to write again when somebody deletes it.
        allocators.stream()
                .filter(allocator -> !allocator.configuration().isEmpty())
                .forEach(allocator -> next.put(pid(allocator), allocator));
        wanted = Map.copyOf(next);
        for (Configuration configuration : existing("(" + KEYS + "=*)")) {
            if (!wanted.containsKey(configuration.getPid())) {
                update(configuration, Map.of(), _ -> false);
            }
        }
        wanted.keySet().forEach(this::restore);
    }

    /** Takes everything back. */
    synchronized void withdraw() {
        apply(List.of());
    }

    /**
     * Completes a configuration that somebody replaced, and writes one that somebody deleted again; the latter not
     * before every listener was told. Declarative Services for one would take the new configuration for the deleted
     * one, whose change count is higher, and keep the deleted values. Events come one after the other, so all were
     * told when one comes that was caused by the deletion's: that of the {@link #MARKER}.
     */
    @Override
    public synchronized void configurationEvent(ConfigurationEvent event) {
        String pid = event.getPid();
        if (pid.equals(MARKER)) {
            restoreDeleted(event.getType());
        } else if (!wanted.containsKey(pid)) {
            return;
        } else if (event.getType() == ConfigurationEvent.CM_DELETED) {
            deleted.add(pid);
            mark();
        } else {
            // Deleted or not by now: that event is still to come.
            deleted.remove(pid);
            existing("(" + Constants.SERVICE_PID + "=*)").stream()
                    .filter(configuration -> configuration.getPid().equals(pid))
                    .forEach(configuration -> complete(configuration, keys(pid)));
        }
    }

    private void mark() {
        try {
            admin.getConfiguration(MARKER, ANY_LOCATION)
                    .update(FrameworkUtil.asDictionary(Map.of(KEYS, new String[] {KEYS})));
        } catch (IOException | IllegalStateException e) {
            logger.error("cannot configure {} for this board: {}", deleted, e.toString());
        }
    }

    private void restoreDeleted(int type) {
        if (type == ConfigurationEvent.CM_DELETED) {
            return;
        }
        existing("(" + Constants.SERVICE_PID + "=" + MARKER + ")").forEach(marker -> update(marker, Map.of(), _ -> false));
        List<String> pids = List.copyOf(deleted);
        deleted.clear();
        pids.forEach(this::restore);
    }

    private Map<String, String> keys(String pid) {
        return Optional.ofNullable(wanted.get(pid)).map(BoardAllocator::configuration).orElse(Map.of());
    }

    private void restore(String pid) {
        BoardAllocator allocator = wanted.get(pid);
        if (allocator == null) {
            return;
        }
        try {
            Configuration configuration = allocator.spec().type().equals(FACTORY_TYPE)
                    ? admin.getFactoryConfiguration(PID_PREFIX + FACTORY_TYPE, allocator.spec().id(), ANY_LOCATION)
                    : admin.getConfiguration(pid, ANY_LOCATION);
            update(configuration, allocator.configuration(), _ -> false);
        } catch (IOException | IllegalStateException e) {
            logger.error("cannot configure {} for this board: {}", pid, e.toString());
        }
    }

    @Override
    public void modifyConfiguration(ServiceReference<?> reference, Dictionary<String, Object> properties) {
        BoardAllocator allocator = wanted.get(String.valueOf(properties.get(Constants.SERVICE_PID)));
        if (allocator != null) {
            allocator.configuration().forEach((key, value) -> {
                if (isAbsent(properties.get(key))) {
                    properties.put(key, value);
                }
            });
        }
    }

    private static String pid(BoardAllocator allocator) {
        String type = PID_PREFIX + allocator.spec().type();
        return allocator.spec().type().equals(FACTORY_TYPE) ? type + "~" + allocator.spec().id() : type;
    }

    private List<Configuration> existing(String filter) {
        try {
            Configuration[] found = admin.listConfigurations(filter);
            return found == null ? List.of() : List.of(found);
        } catch (IOException | IllegalStateException e) {
            logger.warn("cannot look for the configurations of allocators: {}", e.toString());
            return List.of();
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Adds what is missing; what stands in the place of a value that we wrote is an operator's from now on. */
    private void complete(Configuration configuration, Map<String, String> keys) {
        update(configuration, keys, remembered -> !isAbsent(remembered.getValue())
                && !remembered.getValue().equals(keys.get(remembered.getKey())));
    }

    /** Puts these keys in the place of those that came from a board before, but for those that are another's now. */
    private void update(
            Configuration configuration, Map<String, String> keys, Predicate<Map.Entry<String, Object>> anothers) {
        try {
            long seen = configuration.getChangeCount();
            Map<String, Object> properties = new HashMap<>();
            Optional.ofNullable(configuration.getProperties())
                    .ifPresent(stored -> properties.putAll(FrameworkUtil.asMap(stored)));
            List<String> remembered = remembered(properties);
            properties.remove(KEYS);
            properties.entrySet().removeIf(entry -> remembered.contains(entry.getKey()) && !anothers.test(entry));
            List<String> added = new ArrayList<>();
            keys.forEach((key, value) -> {
                if (isAbsent(properties.get(key))) {
                    properties.put(key, value);
                    added.add(key);
                }
            });
            if (configuration.getChangeCount() == seen) {
                store(configuration, properties, added); // Else somebody wrote meanwhile, whose event is still to come.
            }
        } catch (IOException | IllegalStateException e) {
            logger.error("cannot write the configuration {}: {}", configuration.getPid(), e.toString());
        }
    }

    /** A console writes a blank text or an empty array where a field is empty. */
    private static boolean isAbsent(@Nullable Object value) {
        return switch (value) {
            case null -> true;
            case Object[] many -> Arrays.stream(many).allMatch(AllocatorConfigurations::isAbsent);
            case Collection<?> many -> many.stream().allMatch(AllocatorConfigurations::isAbsent);
            default -> value.toString().isBlank();
        };
    }

    private static void store(Configuration configuration, Map<String, Object> properties, List<String> added)
            throws IOException {
        if (!added.isEmpty()) {
            properties.put(KEYS, added.stream().sorted().toArray(String[]::new));
        }
        if (FRAMEWORK_KEYS.containsAll(properties.keySet())) {
            configuration.delete();
        } else {
            configuration.updateIfDifferent(FrameworkUtil.asDictionary(properties));
        }
    }

    private static List<String> remembered(Map<String, Object> properties) {
        return properties.get(KEYS) instanceof String[] known ? List.of(known) : List.of();
    }
}
