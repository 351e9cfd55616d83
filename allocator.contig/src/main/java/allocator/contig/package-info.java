// SPDX-License-Identifier: Apache-2.0
/** Contiguous memory from pools. */
@NullMarked
package allocator.contig;

import org.jspecify.annotations.NullMarked;
