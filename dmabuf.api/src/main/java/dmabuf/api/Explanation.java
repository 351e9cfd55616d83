// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The answer to "why was I refused?", as data and as text. Immutable.
 *
 * @param reason the reason
 * @param text one sentence in words, with the values that matter
 * @param blames the smallest set of device fields that conflict (fewest entries; ties by device name, then field in
 *     table order), sorted; for {@link Reason#NO_ALLOCATOR} and memory errors every allocator that was asked; a bare
 *     device where no field is at fault
 * @param attempts what every allocator answered, in the order of selection; empty when none was reached
 * @param fits the single change that would make it fit, where one would
 */
public record Explanation(
        Reason reason, String text, List<Blame> blames, List<Attempt> attempts, Optional<Blame> fits) {
    /** Copies the collections. */
    public Explanation {
        Objects.requireNonNull(reason, "reason");
        Objects.requireNonNull(text, "text");
        Objects.requireNonNull(fits, "fits");
        blames = isAscending(blames) ? List.copyOf(blames) : blames.stream().sorted().distinct().toList();
        attempts = List.copyOf(attempts);
    }

    private static boolean isAscending(List<Blame> blames) {
        for (int i = 1; i < blames.size(); i++) {
            if (blames.get(i - 1).compareTo(blames.get(i)) >= 0) {
                return false;
            }
        }
        return true;
    }

    /** Returns an explanation of a reason and a sentence, with nobody to blame. */
    public static Explanation of(Reason reason, String text) {
        return new Explanation(reason, text, List.of(), List.of(), Optional.empty());
    }

    /** Returns an explanation that blames these entries. */
    public static Explanation of(Reason reason, String text, List<Blame> blames) {
        return new Explanation(reason, text, blames, List.of(), Optional.empty());
    }

    /** Returns this explanation with the given attempts. */
    public Explanation withAttempts(List<Attempt> answers) {
        return new Explanation(reason, text, blames, answers, fits);
    }

    /** Returns this explanation with the single change that would do. */
    public Explanation withFits(Optional<Blame> change) {
        return new Explanation(reason, text, blames, attempts, change);
    }
}
