// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.BusWindow;
import dmabuf.api.Device;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaConstraintsBuilder;
import dmabuf.api.DmaPath;
import dmabuf.api.Quantity;
import java.util.List;
import java.util.Optional;

/** Makes a device of its line. Every method refuses a bad value with INVALID. */
final class DeviceLine {
    private DeviceLine() {}

    static Device device(Statement statement) {
        List<DmaPath> paths = statement.options().stream().map(DeviceLine::path).toList();
        return parent(statement)
                .map(parent -> Device.ofParent(statement.name(), paths, parent))
                .orElseGet(() -> Device.of(statement.name(), paths));
    }

    private static Optional<String> parent(Statement statement) {
        List<Options> all = statement.options();
        if (all.stream().skip(1).anyMatch(options -> options.text("parent").isPresent())) {
            throw new ScenarioError(
                    statement.line(), "'parent' stands after 'alt': a device has one parent, named in its first part");
        }
        return all.getFirst().text("parent");
    }

    private static DmaPath path(Options options) {
        DmaPath path = DmaPath.of(constraints(options));
        // First: it decides in which space the others are.
        path = options.text("iommu").map(path::withIommu).orElse(path);
        path = options.text("offset").flatMap(DeviceLine::window).map(List::of).map(path::withWindows).orElse(path);
        if (options.number("maskBits").isPresent()) {
            long bits = options.number("maskBits").getAsLong();
            path = path.withMaskBits(Math.clamp(bits, -1, Integer.MAX_VALUE));
        }
        return options.text("aperture").map(AddressRange::parse).map(path::withAperture).orElse(path);
    }

    /** Device address = CPU address - offset, for all addresses for which it is one. */
    private static Optional<BusWindow> window(String offset) {
        boolean negative = offset.startsWith("-");
        long distance = Quantity.parse(negative ? offset.substring(1) : offset);
        if (distance == 0) {
            return Optional.empty();
        }
        return Optional.of(
                negative ? new BusWindow(distance, 0, -distance) : new BusWindow(0, distance, -distance));
    }

    private static DmaConstraints constraints(Options options) {
        DmaConstraintsBuilder builder = DmaConstraints.builder();
        options.text("range").map(AddressRanges::parse).ifPresent(builder::addressRanges);
        options.number("align").ifPresent(builder::alignment);
        options.number("maxSegments").ifPresent(builder::maxSegments);
        options.number("maxSegmentSize").ifPresent(builder::maxSegmentSize);
        options.number("boundary").ifPresent(builder::segmentBoundary);
        options.number("granule").ifPresent(builder::granule);
        options.number("divisor").ifPresent(builder::sizeDivisor);
        options.number("minSize").ifPresent(builder::minSize);
        options.number("maxSize").ifPresent(builder::maxSize);
        options.number("access").ifPresent(builder::accessMask);
        options.text("pools").map(Names::split).ifPresent(builder::pools);
        return builder.coherentRequired(options.has("coherent"))
                .secureRequired(options.has("secure"))
                .exclusive(options.has("exclusive"))
                .build();
    }
}
