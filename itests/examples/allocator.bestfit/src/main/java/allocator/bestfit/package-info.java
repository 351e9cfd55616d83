// SPDX-License-Identifier: Apache-2.0

/** The pools that allocator.contig is configured for, served by the best fit: an example that replaces it at runtime. */
@NullMarked
package allocator.bestfit;

import org.jspecify.annotations.NullMarked;
