// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

/** Ends a check: the promise means nothing for this allocator. */
final class Inapplicable extends RuntimeException {
    Inapplicable(String why) {
        super(why);
    }
}
