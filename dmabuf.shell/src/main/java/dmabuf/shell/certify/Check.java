// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

/**
 * A promise and how to try it.
 *
 * @param id the name
 * @param group what it is about, one word
 * @param promise the promise, in one sentence
 * @param source where it is given
 * @param trial tries it
 */
record Check(String id, String group, String promise, String source, Trial trial) {
    /** Tries a promise; throws {@link Violation} or {@link Inapplicable} when it does not pass. */
    @FunctionalInterface
    interface Trial {
        void run(Bench bench) throws InterruptedException;
    }

    Finding found(Verdict verdict) {
        return new Finding(id, group, promise, source, verdict);
    }
}
