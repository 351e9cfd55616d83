// SPDX-License-Identifier: Apache-2.0
/**
 * Rows that need no framework: the core, the allocators and the memory of this machine, in one process. They look at all
 * three from outside and, where nothing else will do, at the system calls in between.
 */
@NullMarked
package trials.core;

import org.jspecify.annotations.NullMarked;
