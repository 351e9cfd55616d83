// SPDX-License-Identifier: Apache-2.0

/** How answers look (JSON, columns, the names near a wrong one), and bytes to fill buffers with. Knows nothing of buffers. */
@NullMarked
package dmabuf.shell.text;

import org.jspecify.annotations.NullMarked;
