// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PiecesTest {
    @Test
    void aNumberIsNeverGivenTwiceAndKnowsOnlyItsPiece() {
        Random random = new Random(1);
        Pieces pieces = new Pieces();
        Map<Long, Block> out = new HashMap<>();
        Set<Long> gone = new HashSet<>();
        for (int i = 0; i < 5_000; i++) {
            if (out.isEmpty() || random.nextInt(5) < 3) {
                Block piece = new Block(i, 1);
                pieces.add(piece);
                assertThat(gone).doesNotContain(piece.cookie);
                assertThat(out.put(piece.cookie, piece)).isNull();
            } else {
                long cookie = out.keySet().iterator().next();
                pieces.remove(out.remove(cookie));
                gone.add(cookie);
            }
            assertThat(pieces.size()).isEqualTo(out.size());
        }
        out.forEach((cookie, piece) -> assertThat(pieces.find(cookie)).isSameAs(piece));
        gone.forEach(cookie -> assertThat(pieces.find(cookie)).isNull());
        assertThat(pieces.find(0)).isNull();
        assertThat(pieces.find(-1)).isNull();
    }

    @Test
    void aPieceThatMovedKeepsItsNumber() {
        Pieces pieces = new Pieces();
        Block piece = new Block(0, 1);
        pieces.add(piece);
        long cookie = piece.cookie;
        Block moved = new Block(5, 1);
        pieces.replace(piece, moved);
        assertThat(pieces.find(cookie)).isSameAs(moved);
        assertThat(pieces.size()).isEqualTo(1);
    }
}
