// SPDX-License-Identifier: Apache-2.0
package allocator.iommu;

import dmabuf.api.spi.AllocatorForm;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What a console shows of an IOMMU. Sizes and addresses are text: decimal or 0x, with K, M or G. */
@ObjectClassDefinition(
        id = IommuMemory.PID,
        name = "IOMMU",
        description = "Scattered memory for devices behind an IOMMU, and the mapper of each of its domains.")
interface IommuConfiguration extends AllocatorForm {
    /** Key {@code id}. */
    @AttributeDefinition(name = "Id", description = "The unique name of the allocator.", defaultValue = "iommu")
    String id();

    /** Key {@code priority}. */
    @AttributeDefinition(
            name = "Priority",
            description = "Higher is asked first; equal ones by id.",
            defaultValue = "300")
    int priority();

    /** Key {@code domains}. */
    @AttributeDefinition(name = "Domains", description = "The domains that are served, at least one.")
    String[] domains();

    /** Key {@code granule}. */
    @AttributeDefinition(
            name = "Granule (bytes)",
            description = "The page size of the IOMMU, a power of two, for example 4K. Empty: the machine's page.",
            required = false)
    String granule();

    /** Key {@code aperture}. */
    @AttributeDefinition(
            name = "Aperture",
            description = "The I/O virtual addresses that are handed out: ranges lo..hi, both ends inclusive. Empty: what"
                    + " the board states; without a board 0x100000..0xffffffff.",
            required = false)
    String[] aperture();

    /** Key {@code reserved}. */
    @AttributeDefinition(
            name = "Reserved",
            description = "I/O virtual addresses that are not handed out, such as an interrupt doorbell.",
            required = false)
    String[] reserved();

    /** Key {@code outputBits}. */
    @AttributeDefinition(
            name = "Output (bits)",
            description = "The number of bits of the physical addresses that the IOMMU can put out, 1 to 64. Empty: what"
                    + " the board states; without a board 64.",
            min = "1",
            max = "64",
            required = false)
    int outputBits();

    /** Key {@code ram}. */
    @AttributeDefinition(
            name = "RAM",
            description = "Where RAM lies: ranges lo..hi, both ends inclusive, for example 0x40000000..0x7fffffff. Empty:"
                    + " what the board states; without a board 0..0x7fffffff.",
            required = false)
    String[] ram();

    /** Key {@code source}. */
    @AttributeDefinition(
            name = "Sources",
            description = "Where memory comes from, the best first: heap:NAME, which may be a glob, udmabuf, hugepages; and last"
                    + " model, memfds at the addresses of the board model, where none of them is there. Empty or auto:"
                    + " heap:system, udmabuf, model.",
            required = false)
    String[] source();
}
