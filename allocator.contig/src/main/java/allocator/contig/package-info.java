// SPDX-License-Identifier: Apache-2.0

/**
 * Contiguous memory from pools. Each configuration of the factory PID {@code allocator.contig} is one pool with an
 * allocator service of its own; {@link allocator.contig.ContigFactory} makes the same allocators for sandboxes.
 */
@NullMarked
package allocator.contig;

import org.jspecify.annotations.NullMarked;
