// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaConstraints;
import dmabuf.api.LeftOut;
import dmabuf.api.Names;
import dmabuf.api.spi.Participant;
import dmabuf.core.negotiation.Member;
import dmabuf.core.negotiation.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The members of a buffer, by name, what their constraints combine to, and without whom the buffer went on. Written under the buffer's lock; readable
 * without it.
 */
final class Membership {
    private static final Comparator<DeviceAttachment> BY_NAME =
            (one, other) -> Names.ORDER.compare(one.device(), other.device());

    private static final DeviceAttachment[] NOBODY = {};

    /** Replaced, never changed. There are as many as buffers, so it is no list of its own. */
    private volatile DeviceAttachment[] attachments = NOBODY;
    private volatile DmaConstraints constraints = DmaConstraints.NEUTRAL;
    private volatile List<LeftOut> leftOut = List.of();

    /** Returns those that are members now; nobody changes the list. */
    List<DeviceAttachment> attachments() {
        return Arrays.asList(attachments);
    }

    DmaConstraints constraints() {
        return constraints;
    }

    /** Returns whether the device of this full name is a member. */
    boolean has(String device) {
        for (DeviceAttachment attachment : attachments) {
            if (attachment.device().equals(device)) {
                return true;
            }
        }
        return false;
    }

    boolean isEmpty() {
        return attachments.length == 0;
    }

    /** Commits an attach: the new members, and everybody's way as agreed. */
    void add(List<DeviceAttachment> added, Outcome.Agreed agreed) {
        int before = attachments.length;
        DeviceAttachment[] all = Arrays.copyOf(attachments, before + added.size());
        for (int i = before; i < all.length; i++) {
            all[i] = added.get(i - before);
        }
        Arrays.sort(all, BY_NAME);
        attachments = all;
        agree(agreed);
    }

    /** Commits what a negotiation chose for these members, and perhaps for others; both are by name. */
    void agree(Outcome.Agreed agreed) {
        List<Participant> chosen = agreed.participants();
        int next = 0;
        for (DeviceAttachment attachment : attachments) {
            while (next < chosen.size() && !chosen.get(next).device().equals(attachment.device())) {
                next++;
            }
            if (next < chosen.size()) {
                attachment.take(chosen.get(next).path());
            }
        }
        constraints = agreed.constraints();
    }

    /** Takes members out; what the others combine to is told by {@link #widen} or {@link #agree}. */
    void remove(List<DeviceAttachment> left) {
        DeviceAttachment[] staying = attachments;
        for (DeviceAttachment leaving : left) {
            staying = without(staying, leaving);
        }
        attachments = staying;
    }

    private static DeviceAttachment[] without(DeviceAttachment[] some, DeviceAttachment leaving) {
        int at = Arrays.asList(some).indexOf(leaving);
        if (at < 0 || some.length == 1) {
            return at < 0 ? some : NOBODY;
        }
        DeviceAttachment[] rest = Arrays.copyOf(some, some.length - 1);
        System.arraycopy(some, at + 1, rest, at, rest.length - at);
        return rest;
    }

    void widen(DmaConstraints combination) {
        constraints = combination;
    }

    /** Returns the devices as a negotiation sees them, free to choose their way. */
    List<Member> free() {
        List<Member> members = new ArrayList<>(attachments.length);
        for (DeviceAttachment attachment : attachments) {
            members.add(attachment.member());
        }
        return members;
    }

    /** Returns whether somebody has a choice of ways. */
    boolean hasAlternatives() {
        for (DeviceAttachment attachment : attachments) {
            if (attachment.member().paths().size() > 1) {
                return true;
            }
        }
        return false;
    }

    /** Returns the devices, each with the way that was chosen for it and only that. */
    List<Member> settled() {
        List<Member> members = new ArrayList<>(attachments.length);
        for (DeviceAttachment attachment : attachments) {
            members.add(attachment.settled());
        }
        return members;
    }

    /** Notes that the buffer goes on without a device; the last reason holds. */
    void leaveOut(LeftOut device) {
        leftOut = Stream.concat(
                        leftOut.stream().filter(other -> !other.device().equals(device.device())), Stream.of(device))
                .toList();
    }

    /** Returns without whom the buffer went on, but for those that attached since. */
    List<LeftOut> leftOut() {
        return leftOut.stream().filter(each -> !has(each.device())).toList();
    }
}
