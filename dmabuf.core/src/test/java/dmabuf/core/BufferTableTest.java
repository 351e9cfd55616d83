// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.BufferRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The table of the living buffers: what was added and not removed is found, and nothing else. */
class BufferTableTest {
    private final Bench bench = new Bench();
    private final Owner owner = new Owner("app");
    private final BufferTable table = new BufferTable();

    @AfterEach
    void end() {
        bench.close();
    }

    private Buffer buffer(long id) {
        BufferRequest request = BufferRequest.ofSize(Bench.PAGE);
        return new Buffer(bench.sandbox.core(), id, request, owner.want(request, Bench.PAGE));
    }

    @Test
    void whatWasAddedIsFoundUntilItIsRemoved() {
        Buffer buffer = buffer(7);
        assertThat(table.find(7)).isNull();
        table.add(buffer);
        assertThat(table.find(7)).isSameAs(buffer);
        assertThat(table.find(7 + (1L << 40))).isNull();
        table.remove(buffer(7));
        assertThat(table.find(7)).as("another one of the same id takes nothing out").isSameAs(buffer);
        table.remove(buffer);
        table.remove(buffer);
        assertThat(table.find(7)).isNull();
        assertThat(table.all()).isEmpty();
    }

    /** Ids that lie far apart meet in one place, so that chains are long, and are cut at their ends and in the middle. */
    @Test
    void itHoldsWhatAPlainMapWouldHold() {
        Random random = new Random(6);
        TreeMap<Long, Buffer> expected = new TreeMap<>();
        for (int round = 0; round < 20_000; round++) {
            long id = 1 + (long) random.nextInt(600) * (random.nextBoolean() ? 1 : 1 << 20);
            Buffer present = expected.get(id);
            if (present == null) {
                Buffer added = buffer(id);
                table.add(added);
                expected.put(id, added);
            } else if (random.nextInt(3) < (round < 10_000 ? 1 : 3)) {
                table.remove(present);
                expected.remove(id);
            }
            assertThat(table.find(id)).isSameAs(expected.get(id));
        }
        assertThat(table.all()).containsExactlyElementsOf(expected.values());
    }

    @Test
    void itGrowsAndShrinksWithoutLosingAny() {
        List<Buffer> buffers = LongStream.rangeClosed(1, 50_000).mapToObj(this::buffer).toList();
        buffers.forEach(table::add);
        assertThat(table.all()).isEqualTo(buffers);
        buffers.stream().filter(buffer -> buffer.id() % 1_000 != 0).forEach(table::remove);
        assertThat(table.all()).extracting(Buffer::id).isEqualTo(
                LongStream.rangeClosed(1, 50).mapToObj(thousand -> thousand * 1_000).toList());
        assertThat(table.find(50_000)).isSameAs(buffers.getLast());
        assertThat(table.find(49_999)).isNull();
    }

    @Test
    void whatOneThreadAddedOthersFindAndRemove() {
        List<Buffer> buffers = LongStream.rangeClosed(1, 2_000).mapToObj(this::buffer).toList();
        elsewhere(() -> buffers.forEach(table::add));
        assertThat(table.all()).isEqualTo(buffers);
        for (Buffer buffer : buffers) {
            assertThat(table.find(buffer.id())).isSameAs(buffer);
            if (buffer.id() % 3 == 0) {
                table.remove(buffer);
                elsewhere(() -> assertThat(table.find(buffer.id())).isNull());
            }
        }
        assertThat(table.all()).hasSize(2_000 - 2_000 / 3);
        elsewhere(() -> buffers.forEach(table::remove));
        assertThat(table.all()).isEmpty();
    }

    private static void elsewhere(Runnable action) {
        CompletableFuture.runAsync(action, Thread.ofPlatform()::start).join();
    }

    @Test
    void threadsDoNotDisturbEachOther() {
        int threads = 4;
        CyclicBarrier start = new CyclicBarrier(threads);
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            List<Buffer> mine = LongStream.range(0, 2_000).mapToObj(this::buffer).toList();
            int first = thread;
            all.add(CompletableFuture.runAsync(
                    () -> {
                        Waiting.on(start);
                        for (int i = first; i < mine.size(); i += threads) {
                            table.add(mine.get(i));
                            assertThat(table.find(i)).isSameAs(mine.get(i));
                            if (i % 8 >= threads) {
                                table.remove(mine.get(i));
                            }
                        }
                    },
                    Thread.ofPlatform()::start));
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();
        assertThat(table.all()).extracting(Buffer::id).isEqualTo(
                LongStream.range(0, 2_000).filter(id -> id % 8 < threads).boxed().toList());
    }
}
