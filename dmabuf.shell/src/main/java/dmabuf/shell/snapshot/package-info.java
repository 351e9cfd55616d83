// SPDX-License-Identifier: Apache-2.0

/** Pictures of all that is held, kept by name, and what has changed between two of them. */
@NullMarked
package dmabuf.shell.snapshot;

import org.jspecify.annotations.NullMarked;
