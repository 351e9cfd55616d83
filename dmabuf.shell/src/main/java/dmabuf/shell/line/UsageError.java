// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.line;

/** The command line is not one. */
final class UsageError extends RuntimeException {
    UsageError(String message) {
        super(message);
    }
}
