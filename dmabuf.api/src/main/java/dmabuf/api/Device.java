// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A participant with constraints. Registered as a service, so it can come and go; the service properties
 * {@value #NAME}, {@value #PATH}, {@value #COMPATIBLE}, {@value #FUNCTION}, {@value #FAMILY} and {@value #NODE} let a
 * filter find it. All methods answer the same for the life of the registration, quickly and without blocking.
 */
@ConsumerType
public interface Device {
    /** Property: the unique name, a String; a board uses the node's path. */
    String NAME = "dmabuf.device.name";

    /** Property: the path of the device-tree node or of the sysfs device, a String. */
    String PATH = "dmabuf.device.path";

    /** Property: the compatible strings, a String[]. */
    String COMPATIBLE = "dmabuf.device.compatible";

    /** Property: what it is for: decoder, encoder, camera, display, gpu, npu or dma; a String or String[]. */
    String FUNCTION = "dmabuf.device.function";

    /** Property: the driver's family: hantro, rkvdec, venus, ...; a String. */
    String FAMILY = "dmabuf.device.family";

    /** Property: on a live machine the device node, for example /dev/video0; a String. */
    String NODE = "dmabuf.device.node";

    /** Returns the unique name; equal to the property {@value #NAME}. */
    String name();

    /** Returns the ways in which it reaches memory, in order of preference, each complete in itself; at least one. */
    List<DmaPath> paths();

    /**
     * Returns the name of the device of which this is a part (the overlay function of a display controller), or empty.
     * A sub-device inherits its parent's range, IOMMU, coherence and pools and can only narrow them; attaching one
     * does not attach the other.
     */
    default Optional<String> parent() {
        return Optional.empty();
    }

    /** Returns a device of this name with these ways to reach memory. */
    static Device of(String name, List<DmaPath> paths) {
        return new PlainDevice(name, paths, Optional.empty());
    }

    /** Returns a part of another device. */
    static Device ofParent(String name, List<DmaPath> paths, String parent) {
        return new PlainDevice(name, paths, Optional.of(parent));
    }
}
