// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

/**
 * A check that was made.
 *
 * @param id its name
 * @param group what it is about, one word
 * @param promise the promise, in one sentence
 * @param source where the promise is given
 * @param verdict what it came to
 */
public record Finding(String id, String group, String promise, String source, Verdict verdict) {
    /** Returns whether the promise was broken. */
    public boolean isFailure() {
        return verdict instanceof Verdict.Failed;
    }
}
