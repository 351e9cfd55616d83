// SPDX-License-Identifier: Apache-2.0

/** How commands are written: their words and options, from which help, errors and completion follow. */
@NullMarked
package dmabuf.shell.usage;

import org.jspecify.annotations.NullMarked;
