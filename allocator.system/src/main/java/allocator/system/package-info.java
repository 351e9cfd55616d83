// SPDX-License-Identifier: Apache-2.0

/**
 * Scattered system memory: the allocator {@code system} in chunks of 1 MiB, 64 KiB and one page, configured by the PID
 * {@code allocator.system}; {@link allocator.system.SystemFactory} makes the same for sandboxes.
 */
@NullMarked
package allocator.system;

import org.jspecify.annotations.NullMarked;
