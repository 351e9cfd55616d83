// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What a console shows of a pool. Sizes and addresses are text: decimal or 0x, with K, M or G. */
@ObjectClassDefinition(
        id = ContigPool.PID,
        name = "Contiguous pool",
        description = "Memory that buffers take in one piece. A new base or size is a new pool: its idle buffers move.")
@interface ContigConfiguration {
    /** Key {@code id}. */
    @AttributeDefinition(name = "Id", description = "The unique name of the allocator.")
    String id() default "contig";

    /** Key {@code base}. */
    @AttributeDefinition(name = "Base", description = "The first CPU physical address, for example 0x40000000.")
    String base();

    /** Key {@code size}. */
    @AttributeDefinition(name = "Size", description = "The size in bytes, for example 64M.")
    String size();

    /** Key {@code priority}. */
    @AttributeDefinition(name = "Priority", description = "Higher is asked first; equal ones by id.")
    int priority() default 100;

    /** Key {@code pool}. */
    @AttributeDefinition(
            name = "Pool",
            description = "The name by which devices permit the pool. Empty: none.",
            required = false)
    String pool() default "";

    /** Key {@code private}. */
    @AttributeDefinition(
            name = "Private",
            description = "Serves only devices whose permitted pools name the pool, such as a co-processor's.")
    boolean private$() default false;

    /** Key {@code bit}. */
    @AttributeDefinition(
            name = "Access bit",
            description = "The bit of the access mask that stands for the pool, 0 to 63. Empty: any mask fits.",
            required = false)
    String bit() default "";
}
