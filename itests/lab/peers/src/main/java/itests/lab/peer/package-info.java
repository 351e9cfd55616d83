// SPDX-License-Identifier: Apache-2.0
/** The kernel's drivers that use our buffers, each behind the few calls that the cases need. */
@NullMarked
package itests.lab.peer;

import org.jspecify.annotations.NullMarked;
