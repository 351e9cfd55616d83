// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.AttachRequest;
import dmabuf.api.AttachResult;
import dmabuf.api.Attachment;
import dmabuf.api.DmaBufException;
import dmabuf.api.LeftOut;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** One attach with optional devices: the required ones, all or none, then each other one that fits. */
final class OptionalAttach {
    private final Core core;
    private final Buffer buffer;
    private final Owner owner;
    private final Runnable check;
    private final List<Attachment> attached = new ArrayList<>();
    private final List<LeftOut> leftOut = new ArrayList<>();

    OptionalAttach(Core core, Buffer buffer, Owner owner, Runnable check) {
        this.core = core;
        this.buffer = buffer;
        this.owner = owner;
        this.check = check;
    }

    AttachResult run(AttachRequest request) {
        List<DeviceEntry> required = request.required().stream().map(core::resolve).toList();
        List<String> optional = request.optional().stream().map(this::fullName).toList();
        List<String> names =
                Stream.concat(required.stream().map(DeviceEntry::name), optional.stream()).toList();
        Attaching.refuseTwice(names);
        return buffer.exclusively(false, () -> {
            names.forEach(this::refuseMember);
            return attach(required, optional);
        });
    }

    /** A device that is not there is left out by the name that it was given. */
    private String fullName(String name) {
        try {
            return core.resolve(name).name();
        } catch (DmaBufException _) {
            return name;
        }
    }

    private void refuseMember(String device) {
        if (buffer.members().has(device)) {
            throw AttachTransaction.alreadyMember(buffer, device);
        }
    }

    /** Whoever finds out in the middle that it is misused leaves nobody attached. */
    private AttachResult attach(List<DeviceEntry> required, List<String> optional) {
        boolean done = false;
        try {
            if (!required.isEmpty()) {
                attached.addAll(transaction(required).run());
            }
            optional.forEach(this::attach);
            done = true;
            return new AttachResult(attached, leftOut);
        } finally {
            if (!done) {
                core.attaching().remove(
                        buffer, attached.stream().map(DeviceAttachment.class::cast).toList());
            }
        }
    }

    private void attach(String device) {
        try {
            attached.addAll(transaction(List.of(core.resolve(device))).run());
        } catch (DmaBufException e) {
            check.run(); // a handle that is no longer good is no reason to go on without a device
            LeftOut left = new LeftOut(device, e.explanation());
            leftOut.add(left);
            core.readiness().leaveOut(buffer, left);
        }
    }

    private AttachTransaction transaction(List<DeviceEntry> devices) {
        return new AttachTransaction(core, buffer, owner, devices, check);
    }
}
