// SPDX-License-Identifier: Apache-2.0
/** The one door to Linux: native memory as a service. */
@NullMarked
package dmabuf.linux;

import org.jspecify.annotations.NullMarked;
