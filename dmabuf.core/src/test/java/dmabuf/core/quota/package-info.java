// SPDX-License-Identifier: Apache-2.0
/** Tests of the quotas by themselves. */
@NullMarked
package dmabuf.core.quota;

import org.jspecify.annotations.NullMarked;
