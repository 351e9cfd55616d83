// SPDX-License-Identifier: Apache-2.0

/** The Gogo commands of the scope {@code dmabuf}. They act on the gateway's own exporter, as the owner dmabuf.shell. */
@NullMarked
package dmabuf.shell.command;

import org.jspecify.annotations.NullMarked;
