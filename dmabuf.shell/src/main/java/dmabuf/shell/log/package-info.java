// SPDX-License-Identifier: Apache-2.0

/**
 * The gateway's log in files of a bounded size, and its warnings on the error stream. In a framework that has a log of its own,
 * where neither {@value dmabuf.shell.log.GatewayLog#FOLDER} nor {@value dmabuf.shell.log.GatewayLog#CONSOLE} is set, it does
 * nothing.
 */
@NullMarked
package dmabuf.shell.log;

import org.jspecify.annotations.NullMarked;
