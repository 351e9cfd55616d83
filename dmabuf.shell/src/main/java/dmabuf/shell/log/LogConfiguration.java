// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.log;

import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** What a console shows of the configuration {@value GatewayLog#PID}. */
@ObjectClassDefinition(
        id = GatewayLog.PID,
        name = "Log files",
        description = "How much of the log is kept: at most files x size, where the framework property dmabuf.log.folder names"
                + " a folder. Which loggers say how much is the matter of org.osgi.service.log.admin.")
@interface LogConfiguration {
    /** Key {@code level}. */
    @AttributeDefinition(
            name = "Level",
            description = "The least that is written.",
            options = {
                @Option(label = "errors", value = "ERROR"),
                @Option(label = "warnings", value = "WARN"),
                @Option(label = "information", value = "INFO"),
                @Option(label = "debugging", value = "DEBUG"),
                @Option(label = "everything", value = "TRACE")
            })
    String level() default LogSettings.LEVEL;

    /** Key {@code size}. */
    @AttributeDefinition(name = "Size", description = "Bytes of one file, from 64K to 1G; then the next one is begun.")
    String size() default LogSettings.SIZE;

    /** Key {@code files}. */
    @AttributeDefinition(name = "Files", description = "How many are kept, gateway.0.log being the newest.", min = "1", max = "100")
    int files() default LogSettings.FILES;
}
