// SPDX-License-Identifier: Apache-2.0

/**
 * Scenario files: read, run against the real core in a sandbox of its own for each case, and compared. Each case runs on
 * one thread of its own, because a CPU access belongs to the thread that began it.
 */
@NullMarked
package dmabuf.shell.scenario;

import org.jspecify.annotations.NullMarked;
