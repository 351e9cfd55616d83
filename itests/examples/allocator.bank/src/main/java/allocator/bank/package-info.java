// SPDX-License-Identifier: Apache-2.0

/** One bank of memory as an allocator: the example that the README walks through. */
@NullMarked
package allocator.bank;

import org.jspecify.annotations.NullMarked;
