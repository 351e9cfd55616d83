// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.line;

/** What a command line asks for. */
@FunctionalInterface
interface Task {
    /** Does it and returns the status: 0 done, 1 failed. */
    int run(Console console, Services services) throws InterruptedException;
}
