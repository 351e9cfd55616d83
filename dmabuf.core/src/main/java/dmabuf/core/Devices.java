// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The registry of devices. A part of a device is present while its parent is; of two with one name the first is. What
 * cannot be present waits and is tried again whenever a device comes or goes, so that the order of arrival is of no
 * account. Writers replace an immutable snapshot; no foreign code runs here.
 */
final class Devices {
    private final Chronicle chronicle;

    /** What registered, in the order of arrival, each with its entry while it is present. */
    private final Map<Object, Registration> registered = new LinkedHashMap<>();

    private Map<String, Map<String, Object>> left = Map.of();
    private volatile DeviceNames snapshot = new DeviceNames(Map.of(), Map.of());

    Devices(Chronicle chronicle) {
        this.chronicle = chronicle;
    }

    private record Registration(DeviceEntry stated, Optional<DeviceEntry> present) {}

    DeviceNames snapshot() {
        return snapshot;
    }

    boolean isPresent(DeviceEntry entry) {
        return snapshot.present().get(entry.name()) == entry;
    }

    /**
     * Adds a device under a key.
     *
     * @return why it is not present now, or empty when it is
     */
    synchronized Optional<DmaBufException> add(Object key, DeviceEntry stated) {
        Optional<DmaBufException> obstacle = obstacle(stated, present());
        registered.put(key, new Registration(stated, Optional.empty()));
        refresh();
        return obstacle;
    }

    /** Removes what was added under a key; answers the devices that are no longer present: it, and its parts. */
    synchronized List<DeviceEntry> remove(Object key) {
        Map<String, DeviceEntry> before = present();
        registered.remove(key);
        refresh();
        Map<String, DeviceEntry> after = present();
        return before.values().stream()
                .filter(entry -> after.get(entry.name()) != entry)
                .toList();
    }

    /** Lets filters see other properties of the device under a key. */
    synchronized void update(Object key, Map<String, ?> properties) {
        Registration known = registered.get(key);
        if (known != null) {
            known.stated().update(properties);
            known.present().ifPresent(entry -> entry.update(properties));
        }
    }

    private Map<String, DeviceEntry> present() {
        return snapshot.present();
    }

    /** Works out anew who is present: who was stays the same entry, who can be now becomes one. */
    private void refresh() {
        Map<String, DeviceEntry> present = new TreeMap<>();
        registered.values().forEach(known -> known.present().ifPresent(entry -> present.put(entry.name(), entry)));
        while (dropOnePart(present)) {}
        while (admitOne(present)) {}
        rememberWhoLeft(present);
        Map<String, DeviceEntry> before = present();
        snapshot = new DeviceNames(Map.copyOf(present), left);
        tell(before, present);
    }

    private void tell(Map<String, DeviceEntry> before, Map<String, DeviceEntry> after) {
        new TreeMap<>(before).values().stream()
                .filter(entry -> after.get(entry.name()) != entry)
                .forEach(chronicle::deviceLeft);
        after.values().stream()
                .filter(entry -> before.get(entry.name()) != entry)
                .forEach(chronicle::deviceArrived);
    }

    private boolean dropOnePart(Map<String, DeviceEntry> present) {
        Optional<DeviceEntry> lost = present.values().stream()
                .filter(entry -> entry.parent().isPresent() && !present.containsKey(entry.parent().get()))
                .findFirst();
        lost.ifPresent(entry -> present.remove(entry.name()));
        registered.replaceAll((_, known) -> known.present().isPresent() && known.present().equals(lost)
                ? new Registration(known.stated(), Optional.empty())
                : known);
        return lost.isPresent();
    }

    private boolean admitOne(Map<String, DeviceEntry> present) {
        for (Map.Entry<Object, Registration> known : registered.entrySet()) {
            DeviceEntry stated = known.getValue().stated();
            if (known.getValue().present().isEmpty() && obstacle(stated, present).isEmpty()) {
                DeviceEntry entry =
                        stated.parent().map(parent -> stated.within(whole(parent, present))).orElse(stated);
                known.setValue(new Registration(stated, Optional.of(entry)));
                present.put(entry.name(), entry);
                return true;
            }
        }
        return false;
    }

    private void rememberWhoLeft(Map<String, DeviceEntry> present) {
        Map<String, Map<String, Object>> gone = new HashMap<>(left);
        present().values().forEach(entry -> gone.put(entry.name(), DeviceNames.plain(entry.properties())));
        gone.keySet().removeAll(present.keySet());
        left = Map.copyOf(gone);
    }

    private Optional<DmaBufException> obstacle(DeviceEntry stated, Map<String, DeviceEntry> present) {
        DeviceEntry holder = present.get(stated.name());
        if (holder != null) {
            return Optional.of(new DmaBufException(
                    Reason.INVALID,
                    "device " + stated.name() + " of " + stated.bundle() + " is present already, from "
                            + holder.bundle()));
        }
        try {
            stated.parent().ifPresent(parent -> stated.within(whole(parent, present)));
            return Optional.empty();
        } catch (DmaBufException e) {
            return Optional.of(e);
        }
    }

    private DeviceEntry whole(String parent, Map<String, DeviceEntry> present) {
        return Optional.ofNullable(present.get(parent))
                .orElseThrow(() -> new DmaBufException(
                        left.containsKey(parent) ? Reason.GONE : Reason.INVALID,
                        "the parent " + parent + " is not present"));
    }

    /** Returns all that wait, with the reason, for listings. */
    synchronized List<String> waiting() {
        List<String> lines = new ArrayList<>();
        registered.values().stream()
                .filter(known -> known.present().isEmpty())
                .forEach(known -> obstacle(known.stated(), present()).ifPresent(why -> lines.add(why.getMessage())));
        return lines;
    }
}
