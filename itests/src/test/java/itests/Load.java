// SPDX-License-Identifier: Apache-2.0
package itests;

import dmabuf.api.AddressRange;
import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Exporter;
import dmabuf.api.Mapping;
import dmabuf.api.Segment;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * Threads that create, map, fill, unmap, verify and free buffers all the while, each with some older buffers behind it that
 * it verifies before it frees them. Every byte is compared, and every error kept.
 */
final class Load {
    private static final int KEPT = 4;
    private static final int SIZE = 40_000;

    private final Exporter exporter;
    private final List<String> devices;
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private final Queue<Place> places = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean over;

    private record Place(AddressRange range, AtomicLong maps) {}

    private record Filled(DmaBuf buffer, Attachment member, long seed) {}

    Load(Exporter exporter, List<String> devices) {
        this.exporter = exporter;
        this.devices = devices;
    }

    /** Counts the maps of storage in a range. */
    AtomicLong mapsIn(long first, long byteSize) {
        Place place = new Place(AddressRange.ofSize(first, byteSize), new AtomicLong());
        places.add(place);
        return place.maps();
    }

    void start(int count) {
        IntStream.range(0, count).forEach(seed -> threads.add(Thread.ofPlatform().name("load-" + seed).start(() -> run(seed))));
    }

    private void run(int seed) {
        Deque<Filled> kept = new ArrayDeque<>();
        try {
            for (long step = seed; !over; step += 100) {
                kept.add(fill(devices.get((int) (step / 100 % devices.size())), step));
                if (kept.size() > KEPT) free(kept.remove());
            }
            while (!kept.isEmpty()) free(kept.remove());
        } catch (Throwable e) {
            failures.add(e);
        }
    }

    private Filled fill(String device, long seed) {
        DmaBuf buffer = exporter.create(BufferRequest.ofSize(SIZE)
                .withName("load-" + seed)
                .withWaitsForAllocator(true)
                .withPatience(Duration.ofSeconds(60)));
        Attachment member = buffer.attach(device);
        try (Mapping mapping = member.map(Direction.BIDIRECTIONAL)) {
            count(buffer.info().segments());
            Pattern.fill(buffer, seed);
            if (mapping.table().byteSize() < SIZE) throw new AssertionError("the table is short: " + mapping.table());
            return new Filled(buffer, member, seed);
        }
    }

    private void count(List<Segment> segments) {
        places.stream()
                .filter(place -> !segments.isEmpty() && place.range().contains(segments.getFirst().range()))
                .forEach(place -> place.maps().incrementAndGet());
    }

    private static void free(Filled filled) {
        DmaBuf buffer = filled.buffer();
        try (CpuAccess access = buffer.beginCpuAccess(CpuMode.READ)) {
            long differs = access.segment().mismatch(MemorySegment.ofArray(Pattern.of(filled.seed(), SIZE)));
            if (differs >= 0) throw new AssertionError("byte " + differs + " of " + buffer.info() + " is another one");
        }
        filled.member().map(Direction.TO_DEVICE).close();
        filled.member().close();
        buffer.close();
    }

    List<Throwable> failures() {
        return List.copyOf(failures);
    }

    /** Ends the threads, each after it has verified and freed what it kept. */
    void end() throws InterruptedException {
        over = true;
        for (Thread thread : threads) thread.join();
    }
}
