// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.core.negotiation.Member;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The devices of one attach, in the order in which they were named, each as the policies have left it so far. */
final class Newcomers {
    private final List<DeviceEntry> devices;
    private final Member[] members;

    private Newcomers(List<DeviceEntry> devices, Member[] members) {
        this.devices = devices;
        this.members = members;
    }

    static Newcomers of(List<DeviceEntry> devices) {
        Member[] members = new Member[devices.size()];
        for (int i = 0; i < members.length; i++) {
            members[i] = devices.get(i).member();
        }
        return new Newcomers(devices, members);
    }

    /** Returns the devices of other attachments, as the policies left them there. */
    static Newcomers like(List<DeviceAttachment> models) {
        return new Newcomers(
                models.stream().map(DeviceAttachment::entry).toList(),
                models.stream().map(DeviceAttachment::member).toArray(Member[]::new));
    }

    List<DeviceEntry> devices() {
        return devices;
    }

    /** Returns the one of this full name, or null. */
    @Nullable Member find(String device) {
        for (Member member : members) {
            if (member.name().equals(device)) {
                return member;
            }
        }
        return null;
    }

    /** Puts another one in the place of that of the same name. */
    void replace(Member narrowed) {
        for (int i = 0; i < members.length; i++) {
            members[i] = members[i].name().equals(narrowed.name()) ? narrowed : members[i];
        }
    }

    /** Returns them and those who are there, each free to choose its way, by name: as it is asked again at the first map. */
    List<Member> with(List<DeviceAttachment> present) {
        Member[] all = Arrays.copyOf(members, members.length + present.size());
        for (int i = 0; i < present.size(); i++) {
            all[members.length + i] = present.get(i).member();
        }
        Arrays.sort(all, Member.BY_NAME);
        return Arrays.asList(all);
    }

    /** Returns them and those who are there, of whom each that is mapped keeps its way. */
    List<Member> joining(List<DeviceAttachment> present) {
        return Stream.concat(
                        Arrays.stream(members),
                        present.stream().map(member -> member.isMapped() ? member.settled() : member.member()))
                .toList();
    }

    /** Makes an attachment of each. */
    List<DeviceAttachment> attachments(Buffer buffer, Owner owner) {
        DeviceAttachment[] made = new DeviceAttachment[members.length];
        Trace trace = Trace.of(buffer.core());
        for (int i = 0; i < made.length; i++) {
            made[i] = new DeviceAttachment(buffer, owner, devices.get(i), members[i], trace);
        }
        return List.of(made);
    }

    /** Returns the full names, for messages. */
    @Override
    public String toString() {
        return Arrays.stream(members).map(Member::name).collect(Collectors.joining(", "));
    }
}
