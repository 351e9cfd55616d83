// SPDX-License-Identifier: Apache-2.0
package allocator.iommu;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What a console shows of an IOMMU. Sizes and addresses are text: decimal or 0x, with K, M or G. */
@ObjectClassDefinition(
        id = IommuMemory.PID,
        name = "IOMMU",
        description = "Scattered memory for devices behind an IOMMU, and the mapper of each of its domains.")
@interface IommuConfiguration {
    /** Key {@code id}. */
    @AttributeDefinition(name = "Id", description = "The unique name of the allocator.")
    String id() default "iommu";

    /** Key {@code priority}. */
    @AttributeDefinition(name = "Priority", description = "Higher is asked first; equal ones by id.")
    int priority() default 300;

    /** Key {@code domains}. */
    @AttributeDefinition(name = "Domains", description = "The domains that are served, at least one.")
    String[] domains();

    /** Key {@code granule}. */
    @AttributeDefinition(
            name = "Granule",
            description = "The page size of the IOMMU, a power of two. Empty: the machine's page.",
            required = false)
    String granule() default "";

    /** Key {@code aperture}. */
    @AttributeDefinition(
            name = "Aperture",
            description = "The I/O virtual addresses that are handed out: ranges lo..hi, both ends inclusive.",
            required = false)
    String[] aperture() default "0x100000..0xffffffff";

    /** Key {@code reserved}. */
    @AttributeDefinition(
            name = "Reserved",
            description = "I/O virtual addresses that are not handed out, such as an interrupt doorbell.",
            required = false)
    String[] reserved() default {};

    /** Key {@code outputBits}. */
    @AttributeDefinition(
            name = "Output bits",
            description = "The number of bits of the physical addresses that the IOMMU can put out, 1 to 64.",
            min = "1",
            max = "64")
    int outputBits() default 64;

    /** Key {@code ram}. */
    @AttributeDefinition(
            name = "RAM",
            description = "Where RAM lies: ranges lo..hi, both ends inclusive, for example 0x40000000..0x7fffffff.",
            required = false)
    String[] ram() default "0..0x7fffffff";

    /** Key {@code pool}. */
    @AttributeDefinition(
            name = "Pool",
            description = "The name by which devices permit the memory. Empty: none.",
            required = false)
    String pool() default "";

    /** Key {@code bit}. */
    @AttributeDefinition(
            name = "Access bit",
            description = "The bit of the access mask that stands for the memory, 0 to 63. Empty: any mask fits.",
            required = false)
    String bit() default "";
}
