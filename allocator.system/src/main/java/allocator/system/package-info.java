// SPDX-License-Identifier: Apache-2.0
/** Scattered system memory. */
@NullMarked
package allocator.system;

import org.jspecify.annotations.NullMarked;
