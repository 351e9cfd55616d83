// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Ties break by code points. */
class NamesTest {
    @Test
    @DisplayName("names compare as their code points do")
    void codePoints() {
        SplittableRandom random = new SplittableRandom(0);
        int[] alphabet = {'A', 'a', 0xe9, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10001, 0x1f600, 0x10ffff};
        for (int i = 0; i < 100_000; i++) {
            int[] a = random.ints(random.nextInt(4), 0, alphabet.length).map(n -> alphabet[n]).toArray();
            int[] b = random.ints(random.nextInt(4), 0, alphabet.length).map(n -> alphabet[n]).toArray();
            int actual = Names.ORDER.compare(new String(a, 0, a.length), new String(b, 0, b.length));
            if (Integer.signum(actual) != Integer.signum(Arrays.compare(a, b))) {
                throw new AssertionError(Arrays.toString(a) + " " + Arrays.toString(b) + " " + actual);
            }
        }
    }

    @Test
    @DisplayName("blames sort by name, then by field in table order, a bare name first")
    void blames() {
        Blame high = Blame.of("\uD83D\uDE00", ConstraintField.RANGE);
        Blame low = Blame.of("\uFFFF", ConstraintField.APERTURE);
        assertThat(low).isLessThan(high);
        assertThat(Blame.of("A")).isLessThan(Blame.of("A", ConstraintField.RANGE));
        assertThat(Blame.of("A", ConstraintField.RANGE)).isLessThan(Blame.of("A", ConstraintField.ALIGN));
        assertThat(Blame.of("A", ConstraintField.ACCESS)).hasToString("A.mask");
    }
}
