// SPDX-License-Identifier: Apache-2.0
package bench.work;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Exporter;
import dmabuf.api.Mapping;
import dmabuf.api.spi.AllocatorSpec;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What a swap of the allocator that serves does to those who map: two threads create, attach, map, unmap and free without a
 * pause; the answer is the 99.9th percentile of map in the second around the swap, in that of a quiet second. A map that
 * fails ends it.
 */
final class SwapTail implements Gauge {
    private static final int THREADS = 2;
    private static final long SECOND = 1_000_000_000L;
    private static final int MOST_SAMPLES = 4_000_000;

    private final Ground ground = Ground.usual();
    private final Exporter exporter = ground.exporter("app");
    private final long[][] samples = new long[THREADS][MOST_SAMPLES];
    private final ExecutorService threads = Executors.newFixedThreadPool(THREADS);

    public static void main(String[] words) throws Exception {
        SwapTail gauge = new SwapTail();
        for (int i = 0; i < 3; i++) {
            gauge.round();
        }
        Gauge.serve(gauge);
    }

    @Override
    public double round() throws Exception {
        long quiet = tail(() -> {});
        long around = tail(this::swap);
        return (double) around / quiet;
    }

    /** The one goes, another one with its id comes; in between the next pool serves. */
    private void swap() {
        var next = ground.allocator(0x1000_0000L, 256 * Ground.MIB);
        ground.sandbox.removeAllocator("pool0");
        ground.sandbox.addAllocator(AllocatorSpec.of("pool0", "contig", 8), next);
    }

    private long tail(Runnable inTheMiddle) throws Exception {
        CountDownLatch half = new CountDownLatch(THREADS);
        long began = System.nanoTime();
        Future<?>[] running = new Future<?>[THREADS];
        int[] counts = new int[THREADS];
        for (int i = 0; i < THREADS; i++) {
            int thread = i;
            running[i] = threads.submit(() -> counts[thread] = work(samples[thread], began, half));
        }
        half.await();
        inTheMiddle.run();
        for (Future<?> each : running) {
            each.get();
        }
        return percentile(counts);
    }

    private int work(long[] into, long began, CountDownLatch half) {
        int count = 0;
        boolean told = false;
        for (long passed = 0; passed < SECOND && count < MOST_SAMPLES; passed = System.nanoTime() - began) {
            into[count++] = map(count);
            if (!told && passed > SECOND / 2) {
                half.countDown();
                told = true;
            }
        }
        return count;
    }

    private long map(int turn) {
        try (DmaBuf buffer = exporter.create(BufferRequest.ofSize(Frames.BYTES.get(3 + turn % 2)));
                Attachment attachment = buffer.attach(Ground.DEVICES.get(turn % 3))) {
            long before = System.nanoTime();
            try (Mapping _ = attachment.map(Direction.FROM_DEVICE)) {
                return System.nanoTime() - before;
            }
        }
    }

    private long percentile(int[] counts) {
        long[] all = new long[Arrays.stream(counts).sum()];
        int at = 0;
        for (int i = 0; i < THREADS; i++) {
            System.arraycopy(samples[i], 0, all, at, counts[i]);
            at += counts[i];
        }
        Arrays.sort(all);
        return all[(int) (all.length * 0.999)];
    }
}
