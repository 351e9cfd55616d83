// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import dmabuf.api.spi.AllocatorForm;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What a console shows of a pool. Sizes and addresses are text: decimal or 0x, with K, M or G. */
@ObjectClassDefinition(
        id = ContigPool.PID,
        name = "Contiguous pool",
        description = "Memory that buffers take in one piece. A new base or size is a new pool: its idle buffers move.")
interface ContigConfiguration extends AllocatorForm {
    /** Key {@code id}. */
    @AttributeDefinition(name = "Id", description = "The unique name of the allocator.", defaultValue = "contig")
    String id();

    /** Key {@code base}. */
    @AttributeDefinition(name = "Base", description = "The first CPU physical address, for example 0x40000000.")
    String base();

    /** Key {@code size}. */
    @AttributeDefinition(name = "Size (bytes)", description = "At least 1, for example 64M.")
    String size();

    /** Key {@code priority}. */
    @AttributeDefinition(
            name = "Priority",
            description = "Higher is asked first; equal ones by id.",
            defaultValue = "100")
    int priority();

    /** Key {@code private}. */
    @AttributeDefinition(
            name = "Private",
            description = "Serves only devices whose permitted pools name the pool, such as a co-processor's.",
            defaultValue = "false")
    boolean private$();

    /** Key {@code placement}. */
    @AttributeDefinition(
            name = "Placement",
            description = "Which of the places that are equal to the devices is taken: lowest, the one with the lowest address;"
                    + " frames, one that leaves the largest frames their room, so that more of the pool is used before one"
                    + " finds no place.",
            defaultValue = "lowest")
    String placement();

    /** Key {@code source}. */
    @AttributeDefinition(
            name = "Sources",
            description = "Where memory comes from, the best first: heap:NAME, which may be a glob, hugepages; and last model,"
                    + " memfds at the addresses of the pool, where none of them is there. Empty or auto: the heaps of"
                    + " the pool; for the pool contig also those of Linux' default area and hugepages; model.",
            required = false)
    String[] source();

    /** Key {@code heaps}. */
    @AttributeDefinition(
            name = "Heaps",
            description = "Names below /dev/dma_heap, or globs, of further heaps that hand out just this pool, besides the one"
                    + " that has its name.",
            required = false)
    String[] heaps();

    /** Key {@code ram}. */
    @AttributeDefinition(
            name = "RAM",
            description = "Where the other memory lies that the pool contig takes: ranges lo..hi, both ends inclusive. Empty:"
                    + " what the board states; without a board it may lie anywhere.",
            required = false)
    String[] ram();
}
