// SPDX-License-Identifier: Apache-2.0

/**
 * Who is charged for what: limits in bytes and descriptors, for owners and pools, one below the other as control groups
 * are. Knows nothing of buffers and OSGi.
 */
@NullMarked
package dmabuf.core.quota;

import org.jspecify.annotations.NullMarked;
