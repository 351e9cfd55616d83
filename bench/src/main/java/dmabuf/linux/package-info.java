// SPDX-License-Identifier: Apache-2.0
/** What the measurements have to see of the inside of this bundle. */
@NullMarked
package dmabuf.linux;

import org.jspecify.annotations.NullMarked;
