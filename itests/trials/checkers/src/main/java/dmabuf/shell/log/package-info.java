// SPDX-License-Identifier: Apache-2.0
/** What the checkers look at from inside. */
@NullMarked
package dmabuf.shell.log;

import org.jspecify.annotations.NullMarked;
