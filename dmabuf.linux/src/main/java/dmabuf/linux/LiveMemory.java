// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import dmabuf.api.spi.MemorySource;
import java.time.Duration;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Asks for memory that is there at once only while the machine has it to spare: the kernel refuses no size of the
 * system heap or of udmabuf, but kills who asked. What several threads ask for at a time counts together, and an eighth
 * of what is available stays. A look at the machine costs more than the memory, so it holds for a moment, and for a small part of
 * what it found.
 */
final class LiveMemory {
    private static final int PART_THAT_STAYS = 8;

    /** What may be asked for without another look: half of what stays. */
    private static final int PART_WITHOUT_LOOK = 16;

    private static final Duration MOMENT = Duration.ofSeconds(1);

    private final MachineMemory machine;
    private final AtomicLong asked = new AtomicLong();
    private volatile Look last = new Look(0);

    /** What was found, when, and what was asked for since then. */
    private static final class Look {
        private final long bytes;
        private final long since = System.nanoTime();
        private final AtomicLong spent = new AtomicLong();

        Look(long bytes) {
            this.bytes = bytes;
        }

        boolean covers(long byteSize) {
            return System.nanoTime() - since < MOMENT.toNanos() && spent.addAndGet(byteSize) <= bytes / PART_WITHOUT_LOOK;
        }
    }

    /** What is available, and what the control groups have left, is read now and then. */
    LiveMemory(MachineMemory machine) {
        this.machine = machine;
    }

    /** Runs what takes memory of a source, or refuses with OUT_OF_MEMORY. */
    <T> T within(MemorySource source, long byteSize, Supplier<T> taking) {
        if (source.kind() != MemorySource.Kind.HEAP && source.kind() != MemorySource.Kind.UDMABUF) {
            return taking.get(); // Pages of a memfd come one by one, huge pages are set aside already.
        }
        long together = asked.addAndGet(byteSize);
        try {
            check(source, byteSize, together);
            return taking.get();
        } finally {
            asked.addAndGet(-byteSize);
        }
    }

    private void check(MemorySource source, long byteSize, long together) {
        if (last.covers(byteSize)) {
            return;
        }
        OptionalLong most = Stream.of(machine.available(), machine.room())
                .flatMapToLong(OptionalLong::stream)
                .min();
        if (most.isPresent() && together > most.getAsLong() - most.getAsLong() / PART_THAT_STAYS) {
            throw new DmaBufException(
                    Reason.OUT_OF_MEMORY,
                    source + " is not asked for " + Quantity.format(byteSize) + ": " + Quantity.format(most.getAsLong())
                            + " are available, of which an eighth stays; the kernel would end this process");
        }
        last = new Look(most.orElse(0));
    }
}
