// SPDX-License-Identifier: Apache-2.0
/** Breaks the rules of {@link itests.Rooms}, to show that they catch it. */
@NullMarked
package itests.planted.allocator.rogue;

import org.jspecify.annotations.NullMarked;
