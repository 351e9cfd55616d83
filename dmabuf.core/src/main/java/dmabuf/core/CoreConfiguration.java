// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.AttributeType;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** What a console shows of the configuration; {@link CoreComponent} reads it from the map, to judge bad values itself. */
@ObjectClassDefinition(
        id = CoreComponent.PID,
        name = "Cenalloc core",
        description = "Deadlines for the code of other bundles, and the cap on all storage. Changes apply at once.")
@interface CoreConfiguration {
    /** Deadline of foreign code. */
    @AttributeDefinition(
            name = "Deadline of foreign code (ms)",
            description = "How long one call of an allocator, mapper or attach policy may take, in milliseconds.",
            type = AttributeType.LONG,
            min = "1",
            max = "60000",
            required = false)
    long foreignDeadlineMillis() default 1000;

    /** Deadline of a move. */
    @AttributeDefinition(
            name = "Deadline of a move (ms)",
            description = "How long holders that were told may take to let go, in milliseconds.",
            type = AttributeType.LONG,
            min = "0",
            max = "60000",
            required = false)
    long moveDeadlineMillis() default 1000;

    /** Cap on storage. */
    @AttributeDefinition(
            name = "Cap (bytes)",
            description = "The most that all storage together may take, for example 512M; empty for the capacity of the"
                    + " memory service.",
            required = false)
    String cap() default "";

    /** Names of bits. */
    @AttributeDefinition(
            name = "Names of access bits",
            description = "What the platform calls bits of the access mask, for example 1=SYSTEM and 2=CONTIG: explanations"
                    + " tell them, and the access mask of a configured device may be written with them.",
            required = false)
    String[] accessBits() default {};

    /** What is recorded of each thing that is opened. */
    @AttributeDefinition(
            name = "Leak level",
            description = "What is recorded of each handle, mapping and access that is opened: nothing, when, or when and"
                    + " where in the caller's code, which costs some microseconds each. The command leaks shows it.",
            options = {
                @Option(label = "nothing", value = "off"),
                @Option(label = "when", value = "simple"),
                @Option(label = "when and where", value = "full")
            },
            required = false)
    String leakLevel() default "simple";

    /** Most that is kept. */
    @AttributeDefinition(
            name = "Recycled storage (bytes)",
            description = "The most storage that released buffers and moves left and that is kept for those who ask for that, for"
                    + " example 64M; 0 keeps none.",
            required = false)
    String recycledBytes() default "64M";

    /** How long it is kept. */
    @AttributeDefinition(
            name = "Time to keep recycled storage (ms)",
            description = "How long storage that nobody takes is kept, in milliseconds.",
            type = AttributeType.LONG,
            min = "1",
            max = "3600000",
            required = false)
    long recycledIdleMillis() default 5000;
}
