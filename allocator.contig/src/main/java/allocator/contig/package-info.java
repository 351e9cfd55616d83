// SPDX-License-Identifier: Apache-2.0

/**
 * Contiguous memory from pools: CMA heaps and huge pages of the machine, or the board model. Each configuration of the
 * factory PID {@code allocator.contig} is one pool with an allocator service of its own;
 * {@link allocator.contig.ContigFactory} makes those of the model for sandboxes.
 */
@NullMarked
package allocator.contig;

import org.jspecify.annotations.NullMarked;
