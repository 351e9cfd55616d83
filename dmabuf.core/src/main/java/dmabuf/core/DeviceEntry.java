// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Device;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaPath;
import dmabuf.api.Reason;
import dmabuf.core.negotiation.Member;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A device as it was read when it arrived; the service itself is not kept. Compared by identity: a device that left and
 * came back is another entry.
 */
final class DeviceEntry {
    private final Member member;
    private final String bundle;
    private volatile Map<String, Object> properties;

    private DeviceEntry(
            String name, Optional<String> parent, List<DmaPath> paths, Map<String, Object> properties, String bundle) {
        this.member = new Member(name, paths, parent);
        this.properties = properties;
        this.bundle = bundle;
    }

    /** Reads a device, which is foreign code. */
    static DeviceEntry of(Device device, Map<String, ?> properties, String bundle) {
        String name = device.name();
        Object stated = properties.get("name");
        if (stated != null && !stated.equals(name)) {
            throw new DmaBufException(
                    Reason.INVALID, "device " + name + " is registered under another name, " + stated);
        }
        return new DeviceEntry(name, device.parent(), device.paths(), seen(name, properties), bundle);
    }

    private static Map<String, Object> seen(String name, Map<String, ?> properties) {
        Map<String, Object> seen = new TreeMap<>(properties);
        seen.putIfAbsent("name", name);
        seen.putIfAbsent("path", name);
        return Collections.unmodifiableMap(seen);
    }

    /** Returns this device within its parent: each way within each of the parent's, in the order of both. */
    DeviceEntry within(DeviceEntry whole) {
        List<DmaPath> possible = new ArrayList<>();
        Optional<DmaBufException> refusal = Optional.empty();
        for (DmaPath mine : paths()) {
            for (DmaPath theirs : whole.paths()) {
                try {
                    possible.add(mine.within(theirs));
                } catch (DmaBufException e) {
                    refusal = refusal.or(() -> Optional.of(e));
                }
            }
        }
        if (possible.isEmpty()) {
            throw new DmaBufException(
                    Reason.INVALID,
                    "device " + name() + " does not lie within its parent " + whole.name() + ": "
                            + refusal.map(DmaBufException::getMessage).orElse("no way is left"));
        }
        return new DeviceEntry(name(), parent(), possible, properties, bundle);
    }

    String name() {
        return member.name();
    }

    Optional<String> parent() {
        return member.parent();
    }

    List<DmaPath> paths() {
        return member.paths();
    }

    /** Returns what filters see: properties without their prefix. */
    Map<String, Object> properties() {
        return properties;
    }

    /** Lets filters see other properties; ways and limits stay as they were read. */
    void update(Map<String, ?> value) {
        properties = seen(name(), value);
    }

    String bundle() {
        return bundle;
    }

    /** Returns the last part of its path-like name. */
    String shortName() {
        return shortName(name());
    }

    static String shortName(String name) {
        return name.substring(name.lastIndexOf('/') + 1);
    }

    /** Returns it as a negotiation sees it: always the same object. */
    Member member() {
        return member;
    }

    /** Returns the full name. */
    @Override
    public String toString() {
        return name();
    }
}
