// SPDX-License-Identifier: Apache-2.0
/** Shell commands and the scenario runner. */
@NullMarked
package dmabuf.shell;

import org.jspecify.annotations.NullMarked;
