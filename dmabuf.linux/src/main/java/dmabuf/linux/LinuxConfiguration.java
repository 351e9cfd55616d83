// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What a console shows of the configuration {@value NativeMemory#PID}. */
@ObjectClassDefinition(
        id = NativeMemory.PID,
        name = "Native memory",
        description = "Where the memory of buffers comes from, and how much of it there may be.")
@interface LinuxConfiguration {
    /** Key {@code capacity}. */
    @AttributeDefinition(
            name = "Capacity (bytes)",
            description = "Of all buffers together, for example 512M or 2G. Empty: half of the smaller of the"
                    + " machine's available memory and the control group's limit, read at start.",
            required = false)
    String capacity() default "";
}
