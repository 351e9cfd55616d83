// SPDX-License-Identifier: Apache-2.0
/** Tests of the core through its sandbox, and of its parts. */
@NullMarked
package dmabuf.core;

import org.jspecify.annotations.NullMarked;
