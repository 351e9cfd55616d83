// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

/** Ends a check: the promise was broken. */
final class Violation extends RuntimeException {
    final Verdict.Failed verdict;

    Violation(String asked, String came, String right) {
        super(asked + ": " + came);
        this.verdict = new Verdict.Failed(asked, came, right);
    }

    /** Throws when something does not hold. */
    static void unless(boolean holds, String asked, String came, String right) {
        if (!holds) {
            throw new Violation(asked, came, right);
        }
    }
}
