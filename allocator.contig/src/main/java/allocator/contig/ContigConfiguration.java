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
}
