// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.spi.FreeSpace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PoolSpaceTest {
    private static final int SIZE = 4096;
    private static final long[] SIZES = {5, 16, 64, 100, 338, 760};
    private static final Footing FOOTING = new Footing(1, 1, AddressRanges.ALL);

    private final Random random = new Random(3);
    private final TreeSet<Long> seen = new TreeSet<>();
    private final List<Block> pieces = new ArrayList<>();

    private Placing placing = Placing.LOWEST;
    private int compared;

    /** At the bottom, across the sign, and at the very top of 64 bits. */
    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 2047, -SIZE})
    void agreesWithASimpleSpace(long base) {
        run(base);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, Long.MAX_VALUE - 2047, -SIZE})
    void agreesWithASimpleSpaceWhereFramesKeepTheirRoom(long base) {
        placing = Placing.FRAMES;
        run(base);
    }

    private void run(long base) {
        AddressRange pool = AddressRange.ofSize(base, SIZE);
        PoolSpace space = new PoolSpace(pool, placing);
        FreeSpace simple = FreeSpace.of(AddressRanges.of(pool));
        for (int i = 0; i < 20_000; i++) {
            switch (random.nextInt(5)) {
                case 0, 1 -> find(space, simple, SIZES[random.nextInt(SIZES.length)], 1L << random.nextInt(4));
                case 2 -> takeSomewhere(space, simple, base);
                case 3 -> move(space, simple);
                default -> give(space, simple);
            }
            assertThat(space.within(AddressRanges.ALL)).isEqualTo(simple.within(AddressRanges.ALL));
            assertThat(space.free()).isEqualTo(simple.byteSize());
            assertThat(space.largest()).isEqualTo(simple.largest());
        }
        assertThat(compared).isGreaterThan(5_000);
        while (!pieces.isEmpty()) {
            give(space, simple);
        }
        assertThat(space.within(AddressRanges.ALL)).containsExactly(pool);
    }

    private void find(PoolSpace space, FreeSpace simple, long bytes, long unit) {
        seen.add(bytes);
        List<AddressRange> blocks = simple.within(AddressRanges.ALL);
        Block found = space.find(bytes, unit);
        List<AddressRange> looked = placing == Placing.LOWEST ? blocks : looked(blocks, bytes, unit);
        if (placing == Placing.LOWEST || looked.size() <= 8) {
            compared++;
            assertThat(Optional.ofNullable(found).map(Block::range)).isEqualTo(best(looked, bytes, unit));
        }
        if (found != null) {
            assertThat(blocks).contains(found.range());
            assertThat(holds(found.range(), bytes, unit)).isTrue();
            AddressRange place = AddressRange.ofSize(found.start(unit), bytes);
            pieces.add(space.take(found, place.first(), bytes, FOOTING));
            simple.take(place);
        }
    }

    /** Where a search by size looks, written down a second time. */
    private List<AddressRange> looked(List<AddressRange> blocks, long bytes, long unit) {
        TreeMap<Integer, List<AddressRange>> lists = blocks.stream()
                .collect(Collectors.groupingBy(block -> Bins.bin(block.byteSize()), TreeMap::new, Collectors.toList()));
        TreeSet<AddressRange> looked = new TreeSet<>();
        if (bytes < frame(2) && !lists.isEmpty()) {
            looked.addAll(lists.lastEntry().getValue());
        }
        int left = 2;
        for (List<AddressRange> list : lists.tailMap(Bins.bin(bytes)).values()) {
            if (left-- > 0 || looked.stream().noneMatch(block -> holds(block, bytes, unit))) {
                looked.addAll(list);
            }
        }
        return List.copyOf(looked);
    }

    /** The rule written down a second time. */
    private Optional<AddressRange> best(List<AddressRange> blocks, long bytes, long unit) {
        boolean largestFirst = placing == Placing.FRAMES && bytes < frame(2);
        return blocks.stream()
                .filter(block -> holds(block, bytes, unit))
                .min(Comparator.<AddressRange>comparingLong(
                                block -> placing == Placing.LOWEST ? 0 : lost(block.byteSize(), bytes))
                        .thenComparing(block -> largestFirst ? -block.byteSize() : 0)
                        .thenComparing(Comparator.naturalOrder()));
    }

    private static boolean holds(AddressRange block, long bytes, long unit) {
        long lost = -block.first() & (unit - 1);
        return lost + bytes <= block.byteSize();
    }

    private long lost(long block, long piece) {
        boolean isUseless = block != piece && block - piece < frame(2);
        return 4 * places(frame(0), block, piece) + 2 * places(frame(1), block, piece) - (isUseless ? 1 : 0);
    }

    /** The largest frame, the second or the third that was asked for; 0 when there were fewer. */
    private long frame(int rank) {
        return seen.descendingSet().stream().skip(rank).findFirst().orElse(0L);
    }

    private static long places(long size, long block, long piece) {
        return size <= piece ? 0 : block / size - (block - piece) / size;
    }

    private void takeSomewhere(PoolSpace space, FreeSpace simple, long base) {
        AddressRange place = AddressRange.ofSize(base + random.nextInt(SIZE - 16), 1 + random.nextInt(16));
        if (simple.isFree(place)) {
            simple.take(place);
            pieces.add(space.take(place, FOOTING));
        } else if (simple.next(place.first()).filter(block -> block.contains(place.first())).isEmpty()) {
            assertThatIllegalStateException()
                    .isThrownBy(() -> space.take(place, FOOTING))
                    .withMessage(place + " is not free");
        }
    }

    private void move(PoolSpace space, FreeSpace simple) {
        @Nullable Block piece = anyPiece();
        if (piece == null) {
            return;
        }
        AddressRange before = piece.range();
        simple.give(before);
        List<AddressRange> expected = new ArrayList<>(simple.within(AddressRanges.of(new AddressRange(0, before.last()))));
        assertThat(space.below(piece, AddressRanges.ALL)).isEqualTo(expected);
        AddressRange lowest = expected.stream().filter(block -> block.holds(before.byteSize())).findFirst().orElseThrow();
        Block moved = space.move(piece, lowest.first());
        assertThat(moved.range()).isEqualTo(AddressRange.ofSize(lowest.first(), before.byteSize()));
        simple.take(moved.range());
        pieces.add(moved);
    }

    private void give(PoolSpace space, FreeSpace simple) {
        @Nullable Block piece = anyPiece();
        if (piece != null) {
            simple.give(piece.range());
            space.give(piece);
        }
    }

    private @Nullable Block anyPiece() {
        return pieces.isEmpty() ? null : pieces.remove(random.nextInt(pieces.size()));
    }
}
