// SPDX-License-Identifier: Apache-2.0

/**
 * Scattered system memory: the allocator {@code system}, from the system heap or udmabuf of the machine, or on the board
 * model in chunks of 1 MiB, 64 KiB and one page. Configured by the PID {@code allocator.system};
 * {@link allocator.system.SystemFactory} makes that of the model for sandboxes.
 */
@NullMarked
package allocator.system;

import org.jspecify.annotations.NullMarked;
