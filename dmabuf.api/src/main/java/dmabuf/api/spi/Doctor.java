// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/** Looks at what this machine offers to the runtime, whatever board the runtime is the twin of; a service of dmabuf.board. */
@ProviderType
public interface Doctor {
    /**
     * Returns what there is and what is missing, in the order in which somebody reads it who sets a machine up: sources of
     * memory, IOMMUs, device nodes, limits, the kernel. Opens nodes and closes them, takes one page and gives it back,
     * changes nothing. Blocks for some system calls; any thread may call.
     */
    List<Finding> examine();
}
