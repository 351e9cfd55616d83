// SPDX-License-Identifier: Apache-2.0

/**
 * The one door to Linux: native memory as a service. {@link dmabuf.linux.Downcalls} is the only class that calls native
 * functions, by java.lang.foreign; constants are cited to their header. Nothing here is exported.
 */
@NullMarked
package dmabuf.linux;

import org.jspecify.annotations.NullMarked;
