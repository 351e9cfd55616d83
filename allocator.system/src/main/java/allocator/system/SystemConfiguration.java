// SPDX-License-Identifier: Apache-2.0
package allocator.system;

import dmabuf.api.spi.AllocatorForm;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What a console shows of system memory. Addresses are text: decimal or 0x, with K, M or G. */
@ObjectClassDefinition(
        id = SystemMemory.PID,
        name = "System memory",
        description = "Memory that buffers take in scattered pieces. Other RAM is another allocator: its idle buffers"
                + " move.")
interface SystemConfiguration extends AllocatorForm {
    /** Key {@code id}. */
    @AttributeDefinition(name = "Id", description = "The unique name of the allocator.", defaultValue = "system")
    String id();

    /** Key {@code priority}. */
    @AttributeDefinition(
            name = "Priority",
            description = "Higher is asked first; equal ones by id.",
            defaultValue = "200")
    int priority();

    /** Key {@code ram}. */
    @AttributeDefinition(
            name = "RAM",
            description = "Where RAM lies: ranges lo..hi, both ends inclusive, for example 0x40000000..0x7fffffff. Empty:"
                    + " what the board states; without a board 0..0x7fffffff.",
            required = false)
    String[] ram();

    /** Key {@code reserved}. */
    @AttributeDefinition(
            name = "Reserved",
            description = "Ranges of RAM that are not handed out.",
            required = false)
    String[] reserved();

    /** Key {@code frames}. */
    @AttributeDefinition(
            name = "Frames",
            description = "Page frame numbers that alone are handed out, in this order. Empty: all RAM.",
            required = false)
    String[] frames();

    /** Key {@code source}. */
    @AttributeDefinition(
            name = "Sources",
            description = "Where memory comes from, the best first: heap:NAME, which may be a glob, udmabuf, hugepages; and last"
                    + " model, memfds at the addresses of the board model, where none of them is there. Empty or auto:"
                    + " heap:system, udmabuf, model.",
            required = false)
    String[] source();
}
