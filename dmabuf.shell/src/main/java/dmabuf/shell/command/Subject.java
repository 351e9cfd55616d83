// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.BufferInfo;
import dmabuf.api.DeviceInfo;
import dmabuf.api.DmaBufException;
import dmabuf.api.Exporter;
import dmabuf.api.Reason;
import dmabuf.shell.text.NearNames;
import dmabuf.shell.view.AllocatorView;
import dmabuf.shell.view.BufferView;
import dmabuf.shell.view.DeviceView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a name means, where buffers, devices and allocators are all possible: in that order. */
record Subject(Exporter exporter, ShellBuffers buffers) {
    Answer describe(String name) {
        return buffer(name)
                .or(() -> allocator(name))
                .or(() -> device(name))
                .orElseThrow(() -> new DmaBufException(
                        Reason.INVALID, "no buffer, device or allocator has the name " + name + ": "
                                + NearNames.hint(name, names())));
    }

    private Optional<Answer> buffer(String name) {
        return exporter.buffers().stream()
                .filter(info -> info.name().equals(name) || name.equals("#" + info.id()))
                .findFirst()
                .map(info -> buffers.info(name))
                .map(info -> new Answer(BufferView.details(info), BufferView.data(info)));
    }

    private Optional<Answer> allocator(String name) {
        return exporter.allocators().stream()
                .filter(info -> info.id().equals(name))
                .findFirst()
                .map(info -> new Answer(AllocatorView.details(info), AllocatorView.data(info)));
    }

    private Optional<Answer> device(String name) {
        try {
            DeviceInfo info = exporter.device(Choices.device(name));
            return Optional.of(new Answer(DeviceView.details(info), DeviceView.data(info)));
        } catch (DmaBufException e) {
            if (e.reason() != Reason.INVALID) {
                throw e;
            }
            return Optional.empty();
        }
    }

    private List<String> names() {
        List<String> names = new ArrayList<>();
        exporter.buffers().stream().map(BufferInfo::name).forEach(names::add);
        exporter.allocators().stream().map(AllocatorInfo::id).forEach(names::add);
        exporter.devices().stream()
                .map(DeviceInfo::name)
                .map(path -> path.substring(path.lastIndexOf('/') + 1))
                .forEach(names::add);
        return names;
    }
}
