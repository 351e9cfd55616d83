// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AttachRequest;
import dmabuf.api.AttachResult;
import dmabuf.api.Attachment;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.core.negotiation.Outcome;
import java.util.ArrayList;
import java.util.List;

/** Makes devices members of a buffer, and takes them out. */
final class Attaching {
    private final Core core;

    Attaching(Core core) {
        this.core = core;
    }

    /** Attaches all devices or none; the answers are in the order of the names. */
    List<Attachment> attach(Buffer buffer, Owner owner, List<String> names, Runnable check) {
        List<DeviceEntry> devices = new ArrayList<>(names.size());
        for (String name : names) {
            devices.add(core.resolve(name));
        }
        refuseTwice(devices);
        if (devices.isEmpty()) {
            return List.of();
        }
        return buffer.exclusively(false, () -> new AttachTransaction(core, buffer, owner, devices, check).run());
    }

    /** Refuses devices, or the names of some, of which one is there twice. */
    static void refuseTwice(List<?> devices) {
        for (int i = 1; i < devices.size(); i++) {
            for (int before = 0; before < i; before++) {
                if (devices.get(before).equals(devices.get(i))) {
                    throw new IllegalArgumentException("device " + devices.get(i) + " is named twice");
                }
            }
        }
    }

    /** Attaches the required devices, all or none, and then each optional one that fits. */
    AttachResult attach(Buffer buffer, Owner owner, AttachRequest request, Runnable check) {
        return new OptionalAttach(core, buffer, owner, check).run(request);
    }

    /**
     * Takes members out of a buffer and widens, so that an orphaned storage may have somewhere to go now; under the
     * buffer's lock. The caller settles.
     */
    void remove(Buffer buffer, List<DeviceAttachment> members) {
        for (DeviceAttachment member : members) {
            member.leave();
            for (Holder holder : buffer.holders()) {
                if (holder instanceof DeviceMapping mapping && mapping.attachment() == member) {
                    buffer.end(holder);
                }
            }
        }
        buffer.members().remove(members);
        core.chronicle().detached(buffer, members);
        if (!members.isEmpty()) {
            widen(buffer);
            if (buffer.isUsed()) {
                core.storing().evacuate(buffer);
            }
        }
    }

    /**
     * Recomputes the combination of those who are left. Without storage their ways are chosen anew, as if the others
     * had never attached; with storage everybody keeps the way by which the storage was chosen.
     */
    private void widen(Buffer buffer) {
        if (buffer.phase() instanceof Phase.Deferred
                && buffer.members().hasAlternatives()
                && negotiate(buffer) instanceof Outcome.Agreed agreed) {
            buffer.members().agree(agreed);
        } else {
            buffer.members().widen(core.presence(false).merge(buffer.members().settled()));
        }
    }

    private Outcome negotiate(Buffer buffer) {
        return core.presence(buffer.request().waitsForAllocator())
                .negotiate(buffer.members().free(), buffer.want().demand());
    }

    static DmaBufException gone(DeviceEntry device) {
        return new DmaBufException(Reason.GONE, "device " + device.name() + " has left");
    }
}
