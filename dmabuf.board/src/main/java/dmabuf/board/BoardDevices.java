// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.Device;
import dmabuf.api.spi.Board.BoardDevice;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/**
 * The devices of the board and those that are configured, as services. A configured one takes the place of the board's
 * device of the same name until it goes, in whatever order they come: what an operator wrote wins. Any thread may call;
 * calls wait for each other.
 */
@Component(service = BoardDevices.class)
public final class BoardDevices {
    private static final String PREFIX = "dmabuf.device.";

    private final BundleContext bundle;
    /** The devices of the board by name, in their order, each with its registration while it has its place. */
    private final SequencedMap<String, Entry> board = new LinkedHashMap<>();
    /** The configured devices, by the key of who configures them. */
    private final Map<Object, Entry> configured = new HashMap<>();

    private record Entry(BoardDevice stated, Optional<ServiceRegistration<Device>> registration) {
        boolean isNamed(String name) {
            return stated.device().name().equals(name);
        }

        boolean isSameDevice(BoardDevice other) {
            return stated.device().equals(other.device());
        }
    }

    /** Starts without a device. */
    @Activate
    public BoardDevices(BundleContext bundle) {
        this.bundle = bundle;
    }

    /** Puts the devices of a board in the place of those of the board before, in their order. */
    synchronized void board(List<BoardDevice> devices) {
        board.sequencedValues().reversed().forEach(BoardDevices::unregister);
        board.clear();
        for (BoardDevice device : devices) {
            String name = device.device().name();
            board.put(name, isConfigured(name) ? new Entry(device, Optional.empty()) : registered(device));
        }
    }

    /** Publishes a configured device in the place of the one of the same key; where only properties differ, at once. */
    synchronized void configure(Object key, BoardDevice device) {
        Entry before = configured.get(key);
        if (before != null && before.isSameDevice(device)) {
            Entry after = new Entry(device, before.registration());
            after.registration().ifPresent(each -> each.setProperties(FrameworkUtil.asDictionary(properties(device))));
            configured.put(key, after);
            return;
        }
        remove(key, device.device().name());
        board.computeIfPresent(device.device().name(), (_, entry) -> {
            unregister(entry);
            return new Entry(entry.stated(), Optional.empty());
        });
        configured.put(key, registered(device));
    }

    /** Takes a configured device away; the board's device of that name returns. Harmless for an unknown key. */
    synchronized void remove(Object key) {
        remove(key, "");
    }

    private void remove(Object key, String successor) {
        Entry gone = configured.remove(key);
        if (gone != null) {
            unregister(gone);
            String name = gone.stated().device().name();
            boolean free = !name.equals(successor) && !isConfigured(name);
            board.computeIfPresent(name, (_, entry) -> free ? registered(entry.stated()) : entry);
        }
    }

    /** Takes all devices back, the last first. */
    @Deactivate
    synchronized void stop() {
        List.copyOf(configured.keySet()).forEach(this::remove);
        board(List.of());
    }

    private boolean isConfigured(String name) {
        return configured.values().stream().anyMatch(entry -> entry.isNamed(name));
    }

    private Entry registered(BoardDevice device) {
        return new Entry(device, Optional.of(bundle.registerService(
                Device.class, device.device(), FrameworkUtil.asDictionary(properties(device)))));
    }

    private static Map<String, Object> properties(BoardDevice device) {
        Map<String, Object> properties = new HashMap<>();
        device.properties().forEach((key, value) -> properties.put(PREFIX + key, value));
        return properties;
    }

    private static void unregister(Entry entry) {
        try {
            entry.registration().ifPresent(ServiceRegistration::unregister);
        } catch (IllegalStateException goneWithTheBundle) {
            // The framework was faster: what was to be done is done.
        }
    }
}
