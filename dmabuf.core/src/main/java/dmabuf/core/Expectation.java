// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.BufferRequest;
import dmabuf.api.Names;
import java.util.List;
import java.util.stream.Stream;

/**
 * The devices that a buffer's creator expects until it withdraws them, and those that are waited for until their time is
 * over. Written under the buffer's lock; readable without it.
 */
final class Expectation {
    /** Of nobody: what all buffers share whose creators name no device. Nothing changes in it. */
    private static final Expectation NONE = new Expectation(List.of(), List.of(), true);

    private final List<String> expected;
    private final List<String> optional;
    private volatile boolean withdrawn;
    private volatile boolean over;
    private volatile Deadlines.Pending watch = Deadlines.Pending.NONE;

    private Expectation(List<String> expected, List<String> optional, boolean over) {
        this.expected = expected;
        this.optional = optional;
        this.over = over;
    }

    static Expectation of(BufferRequest request) {
        return request.expectedDevices().isEmpty() && request.optionalDevices().isEmpty()
                ? NONE
                : new Expectation(
                        request.expectedDevices(), request.optionalDevices(), request.readyWithin().isEmpty());
    }

    boolean isEmpty() {
        return expected.isEmpty() && optional.isEmpty();
    }

    /** Keeps what calls off the deadline of these devices. */
    void watch(Deadlines.Pending pending) {
        if (!isEmpty()) {
            watch = pending;
        }
    }

    /** Calls the deadline off, because the buffer goes. */
    void unwatch() {
        watch.cancel();
    }

    void withdraw() {
        if (!isEmpty()) {
            withdrawn = true;
        }
    }

    /** Notes that all who are waited for were there at once: who leaves from now on is not expected again. */
    void complete() {
        withdraw();
        unwatch();
    }

    /** Ends the wait for optional devices. */
    void end() {
        if (!isEmpty()) {
            over = true;
        }
    }

    /** Returns those that are waited for and have not attached, by their full name where it is known. */
    List<String> missing(DeviceNames names, Membership members) {
        List<String> awaited = over ? expected : Stream.concat(expected.stream(), optional.stream()).toList();
        return absent(awaited, names, members);
    }

    /** Returns the optional ones that have not attached, by their full name where it is known. */
    List<String> missingOptional(DeviceNames names, Membership members) {
        return absent(optional, names, members);
    }

    private List<String> absent(List<String> devices, DeviceNames names, Membership members) {
        if (withdrawn || devices.isEmpty()) {
            return List.of();
        }
        return devices.stream()
                .map(names::fullName)
                .filter(name -> !members.has(name))
                .distinct()
                .sorted(Names.ORDER)
                .toList();
    }
}
