// SPDX-License-Identifier: Apache-2.0
/** The registry of allocators, negotiation, the states of a buffer, ownership and explanation. */
@NullMarked
package dmabuf.core;

import org.jspecify.annotations.NullMarked;
