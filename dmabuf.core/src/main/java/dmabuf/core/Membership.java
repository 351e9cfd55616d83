// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaConstraints;
import dmabuf.api.LeftOut;
import dmabuf.api.Names;
import dmabuf.api.spi.Participant;
import dmabuf.core.negotiation.Member;
import dmabuf.core.negotiation.Outcome;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The members of a buffer, by name, what their constraints combine to, and without whom the buffer went on. Written under the buffer's lock; readable
 * without it.
 */
final class Membership {
    private static final Comparator<DeviceAttachment> BY_NAME =
            (one, other) -> Names.ORDER.compare(one.device(), other.device());

    private static final DeviceAttachment[] NOBODY = {};

    /** Replaced, never changed. There are as many as buffers, so it is no list of its own. */
    private volatile DeviceAttachment @Nullable [] attachments;

    private volatile @Nullable DmaConstraints constraints;
    private volatile @Nullable List<LeftOut> leftOut;

    private static final VarHandle ATTACHMENTS =
            Unfenced.field(MethodHandles.lookup(), "attachments", DeviceAttachment[].class);
    private static final VarHandle CONSTRAINTS =
            Unfenced.field(MethodHandles.lookup(), "constraints", DmaConstraints.class);

    private DeviceAttachment[] present() {
        DeviceAttachment[] now = attachments;
        return now == null ? NOBODY : now;
    }

    /** Returns those that are members now; nobody changes the list. */
    List<DeviceAttachment> attachments() {
        return Arrays.asList(present());
    }

    DmaConstraints constraints() {
        DmaConstraints combination = constraints;
        return combination == null ? DmaConstraints.NEUTRAL : combination;
    }

    /** Returns whether the device of this full name is a member. */
    boolean has(String device) {
        for (DeviceAttachment attachment : present()) {
            if (attachment.device().equals(device)) {
                return true;
            }
        }
        return false;
    }

    boolean isEmpty() {
        return present().length == 0;
    }

    /** Commits an attach: the new members, and everybody's way as agreed. */
    void add(List<DeviceAttachment> added, Outcome.Agreed agreed) {
        DeviceAttachment[] present = present();
        int before = present.length;
        DeviceAttachment[] all = Arrays.copyOf(present, before + added.size());
        for (int i = before; i < all.length; i++) {
            all[i] = added.get(i - before);
        }
        Arrays.sort(all, BY_NAME);
        ATTACHMENTS.setRelease(this, all);
        agree(agreed);
    }

    /** Commits what a negotiation chose for these members, and perhaps for others; both are by name. */
    void agree(Outcome.Agreed agreed) {
        List<Participant> chosen = agreed.participants();
        int next = 0;
        for (DeviceAttachment attachment : present()) {
            while (next < chosen.size() && !chosen.get(next).device().equals(attachment.device())) {
                next++;
            }
            if (next < chosen.size()) {
                attachment.take(chosen.get(next).path());
            }
        }
        widen(agreed.constraints());
    }

    /** Takes members out; what the others combine to is told by {@link #widen} or {@link #agree}. */
    void remove(List<DeviceAttachment> left) {
        DeviceAttachment[] staying = present();
        for (DeviceAttachment leaving : left) {
            staying = without(staying, leaving);
        }
        ATTACHMENTS.setRelease(this, staying);
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
        CONSTRAINTS.setRelease(this, combination);
    }

    /** Returns the devices as a negotiation sees them, free to choose their way. */
    List<Member> free() {
        List<Member> members = new ArrayList<>(present().length);
        for (DeviceAttachment attachment : present()) {
            members.add(attachment.member());
        }
        return members;
    }

    /** Returns whether somebody has a choice of ways. */
    boolean hasAlternatives() {
        for (DeviceAttachment attachment : present()) {
            if (attachment.member().paths().size() > 1) {
                return true;
            }
        }
        return false;
    }

    /** Returns the devices, each with the way that was chosen for it and only that. */
    List<Member> settled() {
        List<Member> members = new ArrayList<>(present().length);
        for (DeviceAttachment attachment : present()) {
            members.add(attachment.settled());
        }
        return members;
    }

    /** Notes that the buffer goes on without a device; the last reason holds. */
    void leaveOut(LeftOut device) {
        leftOut = Stream.concat(
                        everLeftOut().stream().filter(other -> !other.device().equals(device.device())), Stream.of(device))
                .toList();
    }

    private List<LeftOut> everLeftOut() {
        List<LeftOut> known = leftOut;
        return known == null ? List.of() : known;
    }

    /** Returns without whom the buffer went on, but for those that attached since. */
    List<LeftOut> leftOut() {
        return everLeftOut().stream().filter(each -> !has(each.device())).toList();
    }
}
