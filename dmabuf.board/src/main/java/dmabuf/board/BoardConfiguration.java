// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;

/** What a console shows of the configuration {@value BoardComponent#PID}. */
@ObjectClassDefinition(
        id = BoardComponent.PID,
        name = "Board",
        description = "Which board this runtime serves, and what is known of its devices.")
@interface BoardConfiguration {
    /** Key {@code file}. */
    @AttributeDefinition(
            name = "Device tree",
            description = "A compiled device tree (.dtb): the runtime is that board's twin. Empty: what the framework"
                    + " property dmabuf.board.file names, else the machine itself.",
            required = false)
    String file() default "";

    /** Key {@code ram}. */
    @AttributeDefinition(
            name = "RAM",
            description = "Where RAM lies: ranges lo..hi, both ends inclusive; for a device tree whose memory the boot"
                    + " loader fills in. Empty: what the tree states.",
            required = false)
    String[] ram() default {};

    /** Key {@code profile}. */
    @AttributeDefinition(
            name = "Profiles",
            description = "Further rows of the profile table, which go before its own:"
                    + " compatible... | family | function,... | limits | source.",
            required = false)
    String[] profile() default {};
}
