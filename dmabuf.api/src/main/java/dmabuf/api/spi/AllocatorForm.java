// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import org.osgi.annotation.versioning.ConsumerType;
import org.osgi.service.metatype.annotations.AttributeDefinition;

/**
 * The fields that a console shows of every allocator: the common keys of {@link AllocatorSettings}. Extend it in an
 * interface with {@code @ObjectClassDefinition}, and add {@code id} and {@code priority} with the defaults of the type.
 * Nobody calls it: an allocator reads its configuration as a map, so that unset stays unset.
 */
@ConsumerType
public interface AllocatorForm {
    /** Key {@code name}. */
    @AttributeDefinition(name = "Readable name", description = "What listings show. Empty: the id.", required = false)
    String name();

    /** Key {@code pool}. */
    @AttributeDefinition(
            name = "Pool",
            description = "The name by which devices permit the memory. Empty: none.",
            required = false)
    String pool();

    /** Key {@code bit}. */
    @AttributeDefinition(
            name = "Access bit",
            description = "The bit of the access mask that stands for the memory, 0 to 63. Empty: any mask fits.",
            min = "0",
            max = "63",
            required = false)
    int bit();

    /** Key {@code secure}. */
    @AttributeDefinition(
            name = "Secure",
            description = "The memory is what devices take that need secure memory.",
            defaultValue = "false")
    boolean secure();

    /** Key {@code coherent}. */
    @AttributeDefinition(
            name = "Coherent",
            description = "The memory is what devices take that need coherent memory.",
            defaultValue = "false")
    boolean coherent();

    /** Key {@code flags}. */
    @AttributeDefinition(
            name = "Flags",
            description = "Flags of buffers that it knows besides the common ones.",
            required = false)
    String[] flags();
}
