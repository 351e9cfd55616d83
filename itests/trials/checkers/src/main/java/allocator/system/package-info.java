// SPDX-License-Identifier: Apache-2.0
/** What the checkers look at from inside. */
@NullMarked
package allocator.system;

import org.jspecify.annotations.NullMarked;
