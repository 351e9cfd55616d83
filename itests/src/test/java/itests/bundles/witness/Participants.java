// SPDX-License-Identifier: Apache-2.0
package itests.bundles.witness;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.DeviceInfo;
import dmabuf.api.Exporter;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The devices, each with who accepts it, and the allocators in the order of selection. */
final class Participants {
    private Participants() {}

    static String words(Exporter exporter) {
        return Stream.concat(
                        exporter.devices().stream().map(Participants::device),
                        exporter.allocators().stream().map(Participants::allocator))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private static String device(DeviceInfo device) {
        return "device " + device.name() + " " + device.paths() + " accepted by " + device.accepting();
    }

    private static String allocator(AllocatorInfo allocator) {
        return "allocator " + allocator.id() + " " + allocator.priority() + " of " + allocator.bundle()
                + (allocator.standby() ? " stands by " : " serves ") + allocator.description()
                + allocator.statistics().map(figures -> ", free " + figures.free()).orElse("");
    }
}
