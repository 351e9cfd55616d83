// SPDX-License-Identifier: Apache-2.0
package bench.work;

import dmabuf.api.spi.Sandbox;
import dmabuf.core.BenchCore;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * The negotiation alone: three of 30 devices, 8 allocators, 64 different questions in turn, as a gateway is asked the same
 * ones again and again. {@link WrittenMerge} answers the same questions.
 */
@State(Scope.Thread)
public class NegotiationWork {
    private static final int QUESTIONS = 64;
    private static final int DEVICES = 30;
    private static final int ALLOCATORS = 8;

    private final List<BenchCore.Question> fine = new ArrayList<>();
    private final List<BenchCore.Question> refused = new ArrayList<>();
    private final List<WrittenMerge.Question> writtenFine = new ArrayList<>();
    private final List<WrittenMerge.Question> writtenRefused = new ArrayList<>();
    private int turn;

    /** Draws the questions, of both kinds, and checks that both sides answer them alike. */
    public NegotiationWork() {
        Ground ground = Ground.of(ALLOCATORS, 0);
        WrittenMerge written = new WrittenMerge();
        for (int i = 0; i < ALLOCATORS; i++) {
            written.addAllocator("pool" + i, 0x1000_0000L + i * 0x1000_0000L, 256 * Ground.MIB);
        }
        for (int i = 0; i < DEVICES; i++) {
            long low = 0x1000_0000L * (1 + i % 3);
            long high = i % 5 == 4 ? low + 0x0fff_ffff : 0x7fff_ffff + 0x1000_0000L * (i % 4);
            ground.device("d" + i, "range=0x%x..0x%x align=%d maxSegments=%d".formatted(low, high, 4096 << i % 4, 1 + i % 6));
            written.addDevice("d" + i, low, high, 4096 << i % 4, 1 + i % 6);
        }
        draw(ground.sandbox, written);
    }

    private void draw(Sandbox sandbox, WrittenMerge written) {
        Random random = new Random(1);
        while (fine.size() < QUESTIONS || refused.size() < QUESTIONS) {
            List<String> devices = random.ints(0, DEVICES).distinct().limit(3).mapToObj(i -> "d" + i).toList();
            long byteSize = (1 + random.nextInt(16)) * Ground.MIB;
            BenchCore.Question ours = BenchCore.question(sandbox, byteSize, devices);
            WrittenMerge.Question theirs = written.question(byteSize, devices);
            if (ours.agrees() != theirs.agrees()) {
                throw new AssertionError("the answers for " + devices + " of " + byteSize + " differ: " + ours.ask());
            }
            keep(ours, ours.agrees() ? fine : refused);
            keep(theirs, theirs.agrees() ? writtenFine : writtenRefused);
        }
    }

    private static <T> void keep(T question, List<T> questions) {
        if (questions.size() < QUESTIONS) {
            questions.add(question);
        }
    }

    private int next() {
        return turn++ & QUESTIONS - 1;
    }

    /** Devices that can share. */
    @Benchmark
    public Object success() {
        return fine.get(next()).ask();
    }

    /** Devices that cannot, with the explanation. */
    @Benchmark
    public Object refusal() {
        return refused.get(next()).ask();
    }

    /** The same, as if it had never been asked: nothing that was decided before is looked up. */
    @Benchmark
    public Object firstSuccess() {
        return fine.get(next()).askAnew();
    }

    /** The same, as if it had never been asked. */
    @Benchmark
    public Object firstRefusal() {
        return refused.get(next()).askAnew();
    }

    /** The same devices, by hand. */
    @Benchmark
    public Object writtenSuccess() {
        return writtenFine.get(next()).ask();
    }

    /** The same devices, by hand. */
    @Benchmark
    public Object writtenRefusal() {
        return writtenRefused.get(next()).ask();
    }
}
