// SPDX-License-Identifier: Apache-2.0
package allocator.system;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What a console shows of system memory. Sizes and addresses are text: decimal or 0x, with K, M or G. */
@ObjectClassDefinition(
        id = SystemMemory.PID,
        name = "System memory",
        description = "Memory that buffers take in scattered pieces. Other RAM is another allocator: its idle buffers"
                + " move.")
@interface SystemConfiguration {
    /** Key {@code id}. */
    @AttributeDefinition(name = "Id", description = "The unique name of the allocator.")
    String id() default "system";

    /** Key {@code priority}. */
    @AttributeDefinition(name = "Priority", description = "Higher is asked first; equal ones by id.")
    int priority() default 200;

    /** Key {@code ram}. */
    @AttributeDefinition(
            name = "RAM",
            description = "Where RAM lies: ranges lo..hi, both ends inclusive, for example 0x40000000..0x7fffffff.",
            required = false)
    String[] ram() default "0..0x7fffffff";

    /** Key {@code reserved}. */
    @AttributeDefinition(
            name = "Reserved",
            description = "Ranges of RAM that are not handed out.",
            required = false)
    String[] reserved() default {};

    /** Key {@code frames}. */
    @AttributeDefinition(
            name = "Frames",
            description = "Page frame numbers that alone are handed out, in this order. Empty: all RAM.",
            required = false)
    String[] frames() default {};

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
