// SPDX-License-Identifier: Apache-2.0

/**
 * The gateway's command line, as the script {@code ./gateway} hands it over in system properties: one task, then the
 * process ends with the task's status.
 */
@NullMarked
package dmabuf.shell.line;

import org.jspecify.annotations.NullMarked;
