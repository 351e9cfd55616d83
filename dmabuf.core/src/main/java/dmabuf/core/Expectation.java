// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.BufferRequest;
import dmabuf.api.LeftOut;
import dmabuf.api.Names;
import java.util.List;
import java.util.stream.Stream;

/**
 * The devices that a buffer's creator expects until it withdraws them, those that are waited for until their time is
 * over, and those without which the buffer went on. Written under the buffer's lock; readable without it.
 */
final class Expectation {
    private final List<String> expected;
    private final List<String> optional;
    private volatile boolean withdrawn;
    private volatile boolean over;
    private volatile List<LeftOut> leftOut = List.of();
    private volatile Deadlines.Pending watch = Deadlines.Pending.NONE;

    Expectation(BufferRequest request) {
        this.expected = request.expectedDevices();
        this.optional = request.optionalDevices();
        this.over = request.readyWithin().isEmpty();
    }

    boolean isEmpty() {
        return expected.isEmpty() && optional.isEmpty();
    }

    /** Keeps what calls off the deadline of these devices. */
    void watch(Deadlines.Pending pending) {
        watch = pending;
    }

    /** Calls the deadline off, because the buffer goes. */
    void unwatch() {
        watch.cancel();
    }

    void withdraw() {
        withdrawn = true;
    }

    /** Notes that all who are waited for were there at once: who leaves from now on is not expected again. */
    void complete() {
        withdrawn = true;
        unwatch();
    }

    /** Ends the wait for optional devices. */
    void end() {
        over = true;
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

    /** Notes that the buffer goes on without a device; the last reason holds. */
    void leaveOut(LeftOut device) {
        leftOut = Stream.concat(
                        leftOut.stream().filter(other -> !other.device().equals(device.device())), Stream.of(device))
                .toList();
    }

    /** Returns without whom the buffer went on, but for those that attached since. */
    List<LeftOut> leftOut(Membership members) {
        return leftOut.stream().filter(each -> !members.has(each.device())).toList();
    }
}
