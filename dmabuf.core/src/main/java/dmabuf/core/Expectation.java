// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Names;
import java.util.List;

/** The devices that a buffer's creator expects, until it withdraws them. */
final class Expectation {
    private final List<String> devices;
    private volatile boolean withdrawn;

    Expectation(List<String> devices) {
        this.devices = devices;
    }

    void withdraw() {
        withdrawn = true;
    }

    /** Returns those that have not attached, by their full name where it is known. */
    List<String> missing(DeviceNames names, Membership members) {
        if (withdrawn || devices.isEmpty()) {
            return List.of();
        }
        return devices.stream()
                .map(names::fullName)
                .filter(name -> members.attachments().stream().noneMatch(member -> member.device().equals(name)))
                .distinct()
                .sorted(Names.ORDER)
                .toList();
    }
}
