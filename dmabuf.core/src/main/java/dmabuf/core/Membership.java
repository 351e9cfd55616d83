// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaConstraints;
import dmabuf.api.LeftOut;
import dmabuf.api.Names;
import dmabuf.core.negotiation.Member;
import dmabuf.core.negotiation.Outcome;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * The members of a buffer, by name, what their constraints combine to, and without whom the buffer went on. Written under the buffer's lock; readable
 * without it.
 */
final class Membership {
    private volatile List<DeviceAttachment> attachments = List.of();
    private volatile DmaConstraints constraints = DmaConstraints.NEUTRAL;
    private volatile List<LeftOut> leftOut = List.of();

    List<DeviceAttachment> attachments() {
        return attachments;
    }

    DmaConstraints constraints() {
        return constraints;
    }

    /** Returns whether the device of this full name is a member. */
    boolean has(String device) {
        return attachments.stream().anyMatch(attachment -> attachment.device().equals(device));
    }

    boolean isEmpty() {
        return attachments.isEmpty();
    }

    /** Commits an attach: the new members, and everybody's way as agreed. */
    void add(List<DeviceAttachment> added, Outcome.Agreed agreed) {
        attachments = Stream.concat(attachments.stream(), added.stream())
                .sorted(Comparator.comparing(DeviceAttachment::device, Names.ORDER))
                .toList();
        agree(agreed);
    }

    /** Commits what a negotiation chose. */
    void agree(Outcome.Agreed agreed) {
        for (DeviceAttachment attachment : attachments) {
            agreed.participants().stream()
                    .filter(participant -> participant.device().equals(attachment.device()))
                    .forEach(participant -> attachment.take(participant.path()));
        }
        constraints = agreed.constraints();
    }

    /** Takes members out; what the others combine to is told by {@link #widen} or {@link #agree}. */
    void remove(List<DeviceAttachment> left) {
        attachments = attachments.stream()
                .filter(attachment -> !left.contains(attachment))
                .toList();
    }

    void widen(DmaConstraints combination) {
        constraints = combination;
    }

    /** Returns the devices as a negotiation sees them, free to choose their way. */
    List<Member> free() {
        return attachments.stream().map(DeviceAttachment::member).toList();
    }

    /** Returns whether somebody has a choice of ways. */
    boolean hasAlternatives() {
        return attachments.stream().anyMatch(attachment -> attachment.member().paths().size() > 1);
    }

    /** Returns the devices, each with the way that was chosen for it and only that. */
    List<Member> settled() {
        return attachments.stream().map(DeviceAttachment::settled).toList();
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
