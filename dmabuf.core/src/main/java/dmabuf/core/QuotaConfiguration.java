// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What a console shows of a quota; {@link dmabuf.core.quota.QuotaRule} reads it from the map, to judge bad values itself. */
@ObjectClassDefinition(
        id = "dmabuf.quota",
        name = "Cenalloc quota",
        description = "A limit on what bundles may hold: memory of their buffers, and descriptors. Charged is who created a"
                + " buffer, or mapped the file. Changes apply at once; a limit below the use refuses only what is new.")
@interface QuotaConfiguration {
    /** Name. */
    @AttributeDefinition(
            name = "Name",
            description = "The name of the quota, which refusals tell, and by which others name it as their parent.")
    String name();

    /** Parent. */
    @AttributeDefinition(
            name = "Parent",
            description = "The quota above this one, which is charged for whatever this one is charged for; empty for none.",
            required = false)
    String parent() default "";

    /** Owners. */
    @AttributeDefinition(
            name = "Owners",
            description = "Symbolic names of bundles, or globs, for example com.acme.*; without any, only what quotas below"
                    + " this one are charged for counts.",
            required = false)
    String[] owners() default {};

    /** Pools. */
    @AttributeDefinition(
            name = "Pools",
            description = "Ids of the allocators whose memory counts, or globs, for example sram; empty for all.",
            required = false)
    String[] pools() default {};

    /** Bytes. */
    @AttributeDefinition(
            name = "Bytes",
            description = "The most memory, for example 64M; empty for no limit.",
            required = false)
    String bytes() default "";

    /** Descriptors. */
    @AttributeDefinition(
            name = "Descriptors",
            description = "The most open files: one for each memory behind a buffer, and one for each that was handed out;"
                    + " empty for no limit.",
            required = false)
    String descriptors() default "";

    /** Whether each owner has the limit for itself. */
    @AttributeDefinition(
            name = "Per owner",
            description = "Whether each bundle that matches has the limit for itself; otherwise all of them share it.",
            required = false)
    boolean perOwner() default false;
}
