// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Whatever the bytes: a tree, or the one error. */
class FdtFuzzTest {
    private static final long SEED = 20261101;

    private static final ProfileTable PROFILES = ProfileTable.shipped();
    private static final byte[] VALID = Dts.fixture("cases");

    /** Reads a tree and asks everything of it; returns whether it was taken. */
    private static boolean survives(byte[] blob) {
        try {
            new BoardTree(FdtReader.read(blob), PROFILES).board(Optional.empty());
            return true;
        } catch (DmaBufException e) {
            assertThat(e.reason()).isEqualTo(Reason.INVALID);
            assertThat(e).hasMessageMatching("(?s)device tree: .* \\(offset 0x[0-9a-f]+\\)");
            return false;
        }
    }

    @Test
    void aTreeCutAnywhereIsRefused() {
        assertThat(survives(VALID)).isTrue();
        assertThat(IntStream.range(0, VALID.length).filter(size -> survives(Arrays.copyOf(VALID, size))))
                .isEmpty();
    }

    @Test
    void everyFlippedByteGivesATreeOrTheError() {
        Random random = new Random(SEED);
        for (int i = 0; i < VALID.length; i++) {
            byte[] blob = VALID.clone();
            blob[i] ^= (byte) 0xff;
            survives(blob);
            blob[i] = (byte) (VALID[i] ^ 1 << random.nextInt(Byte.SIZE));
            survives(blob);
        }
    }

    @Test
    void randomDamageGivesATreeOrTheError() {
        Random random = new Random(SEED);
        byte[] extremes = {0, 1, 2, 3, 4, 9, 0x7f, (byte) 0x80, (byte) 0xff};
        int taken = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] blob = VALID.clone();
            for (int damage = random.nextInt(1, 20); damage > 0; damage--) {
                blob[random.nextInt(FdtWriter.HEADER, blob.length)] = extremes[random.nextInt(extremes.length)];
            }
            taken += survives(blob) ? 1 : 0;
        }
        assertThat(taken).as("of the damaged trees, some must get past the reader").isBetween(100, 19_900);
    }

    @Test
    void garbageIsRefused() {
        Random random = new Random(SEED);
        for (int round = 0; round < 2_000; round++) {
            byte[] blob = new byte[random.nextInt(4096)];
            random.nextBytes(blob);
            assertThat(survives(blob)).isFalse();
        }
        byte[] large = new byte[100 << 20];
        random.nextBytes(large);
        assertThat(survives(large)).isFalse();
        System.arraycopy(VALID, 0, large, 0, FdtWriter.HEADER);
        large[4] = 6;
        assertThat(survives(large)).as("a header that states 100 MB").isFalse();
    }
}
