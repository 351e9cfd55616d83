// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.AttributeType;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/**
 * What a console shows of a configured device; {@link DeviceSettings} reads it from the map, so that unset stays unset.
 * Sizes and addresses are text: decimal or 0x, with K, M or G.
 */
@ObjectClassDefinition(
        id = ConfiguredDevice.PID,
        name = "Device",
        description = "A device that no device tree describes, with what memory it can use. An empty field limits"
                + " nothing. Changed limits are a departure and an arrival of the device.")
@interface DeviceConfiguration {
    /** Key {@code name}. */
    @AttributeDefinition(
            name = "Name",
            description = "The unique name. A device of the board with this name stands back while this one is there.")
    String name();

    /** Key {@code function}. */
    @AttributeDefinition(
            name = "Function",
            description = "What it is for, so that a filter finds it.",
            required = false,
            options = {
                @Option(label = "Decoder", value = "decoder"),
                @Option(label = "Encoder", value = "encoder"),
                @Option(label = "Camera", value = "camera"),
                @Option(label = "Display", value = "display"),
                @Option(label = "GPU", value = "gpu"),
                @Option(label = "NPU", value = "npu"),
                @Option(label = "DMA", value = "dma")
            })
    String[] function() default {};

    /** Key {@code family}. */
    @AttributeDefinition(
            name = "Family",
            description = "The driver, for example hantro, so that a filter finds it.",
            required = false)
    String family() default "";

    /** Key {@code compatible}. */
    @AttributeDefinition(
            name = "Compatible",
            description = "Compatible strings as in a device tree, the most specific first.",
            required = false)
    String[] compatible() default {};

    /** Key {@code path}. */
    @AttributeDefinition(
            name = "Path",
            description = "The path of a device-tree node or a sysfs device.",
            required = false)
    String path() default "";

    /** Key {@code node}. */
    @AttributeDefinition(
            name = "Device node",
            description = "The file by which programs use it, for example /dev/video0.",
            required = false)
    String node() default "";

    /** Key {@code parent}. */
    @AttributeDefinition(
            name = "Parent",
            description = "The full name of the device of which it is a part: it inherits range, windows, mask, IOMMU,"
                    + " aperture, coherence and pools, can only narrow them, and is there while the parent is.",
            required = false)
    String parent() default "";

    /** Key {@code range}. */
    @AttributeDefinition(
            name = "Range",
            description = "CPU physical addresses: lo..hi, both ends inclusive, several parted by commas. Empty: all.",
            required = false)
    String range() default "";

    /** Key {@code maskBits}. */
    @AttributeDefinition(
            name = "Mask (bits)",
            description = "How many bits of a device address it drives, 1 to 64. Empty: all.",
            type = AttributeType.INTEGER,
            min = "1",
            max = "64",
            required = false)
    int maskBits();

    /** Key {@code align}. */
    @AttributeDefinition(
            name = "Alignment (bytes)",
            description = "Of the start of every segment in device addresses, a power of two. Empty: 1.",
            required = false)
    String align() default "";

    /** Key {@code maxSegments}. */
    @AttributeDefinition(
            name = "Segments",
            description = "The largest number of segments, at least 1. Empty: unlimited.",
            type = AttributeType.LONG,
            min = "1",
            required = false)
    long maxSegments();

    /** Key {@code maxSegmentSize}. */
    @AttributeDefinition(
            name = "Segment size (bytes)",
            description = "The largest segment, at least 1, for example 64K. Empty: unlimited.",
            required = false)
    String maxSegmentSize() default "";

    /** Key {@code boundary}. */
    @AttributeDefinition(
            name = "Segment boundary (bytes)",
            description = "No segment crosses a multiple of it, a power of two. Empty: none.",
            required = false)
    String boundary() default "";

    /** Key {@code granule}. */
    @AttributeDefinition(
            name = "Granule (bytes)",
            description = "Of every segment's start and length but for the last length, a power of two. Empty: 1.",
            required = false)
    String granule() default "";

    /** Key {@code divisor}. */
    @AttributeDefinition(
            name = "Size divisor (bytes)",
            description = "Of a stride or plane, at least 1; reported, not checked against the size. Empty: 1.",
            required = false)
    String divisor() default "";

    /** Key {@code minSize}. */
    @AttributeDefinition(
            name = "Smallest buffer (bytes)",
            description = "Buffers below it are refused. Empty: 0.",
            required = false)
    String minSize() default "";

    /** Key {@code maxSize}. */
    @AttributeDefinition(
            name = "Largest buffer (bytes)",
            description = "Buffers above it are refused. Empty: unlimited.",
            required = false)
    String maxSize() default "";

    /** Key {@code access}. */
    @AttributeDefinition(
            name = "Access mask",
            description = "The opaque bits of the platform that it accepts, for example 0x6 or 0b110. Empty: all.",
            required = false)
    String access() default "";

    /** Key {@code pools}. */
    @AttributeDefinition(
            name = "Permitted pools",
            description = "The names of the only pools that it can use. Empty: any.",
            required = false)
    String[] pools() default {};

    /** Key {@code coherent}. */
    @AttributeDefinition(name = "Coherent", description = "Needs coherent memory.")
    boolean coherent() default false;

    /** Key {@code secure}. */
    @AttributeDefinition(name = "Secure", description = "Needs secure memory, which the CPU cannot read.")
    boolean secure() default false;

    /** Key {@code exclusive}. */
    @AttributeDefinition(name = "Exclusive", description = "Shares a buffer with no other device.")
    boolean exclusive() default false;

    /** Key {@code iommu}. */
    @AttributeDefinition(
            name = "IOMMU domain",
            description = "The domain that it sits behind; its limits then count in I/O virtual addresses. Empty: none.",
            required = false)
    String iommu() default "";

    /** Key {@code aperture}. */
    @AttributeDefinition(
            name = "Aperture",
            description = "The device addresses that it can use: lo..hi, both ends inclusive. Empty: all.",
            required = false)
    String aperture() default "";

    /** Key {@code window}. */
    @AttributeDefinition(
            name = "Bus windows",
            description = "lo..hi@cpu: bus addresses, both ends inclusive, and the CPU address of the first, for example"
                    + " 0xc0000000..0xffffffff@0x0. Empty: 1:1.",
            required = false)
    String[] window() default {};

    /** Key {@code offset}. */
    @AttributeDefinition(
            name = "Bus offset",
            description = "CPU address minus device address, may be negative: one window over all addresses, in the place"
                    + " of bus windows. Empty: 0.",
            required = false)
    String offset() default "";

    /** Key {@code dmaCoherent}. */
    @AttributeDefinition(
            name = "Sees the CPU's caches",
            description = "As dma-coherent in a device tree: no cache sync is needed.")
    boolean dmaCoherent() default false;

    /** Key {@code alternatives}. */
    @AttributeDefinition(
            name = "Alternatives",
            description = "Further ways to reach memory, in order of preference, each complete in itself, in the words of"
                    + " these keys: maxSegments=1 range=0..0xffffffff, or iommu=/iommu@1 dmaCoherent.",
            required = false)
    String[] alternatives() default {};
}
