// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

/** What a check came to. */
public sealed interface Verdict {
    /** The promise was kept, as far as the check can tell. */
    record Passed() implements Verdict {}

    /**
     * The promise was broken.
     *
     * @param asked what the allocator was asked
     * @param came what came
     * @param right what would have been right
     */
    record Failed(String asked, String came, String right) implements Verdict {}

    /**
     * The promise means nothing for this allocator.
     *
     * @param why why
     */
    record NotApplicable(String why) implements Verdict {}
}
