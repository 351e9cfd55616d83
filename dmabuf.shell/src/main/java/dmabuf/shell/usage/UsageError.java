// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.usage;

/** The command line is not one. */
public final class UsageError extends RuntimeException {
    /** Says what is wrong with it. */
    public UsageError(String message) {
        super(message);
    }
}
