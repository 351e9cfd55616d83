// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.CpuMode;
import dmabuf.api.Quantity;
import dmabuf.api.spi.Allocation;
import dmabuf.shell.text.BytePattern;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** What is in storage. */
final class ContentChecks {
    private static final String GROUP = "content";

    private ContentChecks() {}

    static List<Check> all() {
        return List.of(
                new Check("zero-first", GROUP, "storage is zero when it is first seen",
                        "Allocator.allocate; contract 4.7", ContentChecks::first),
                new Check("zero-again", GROUP, "storage is zero after another owner wrote to it and gave it back",
                        "Allocator.allocate; contract 4.7", ContentChecks::again),
                new Check("own-bytes", GROUP, "storage keeps its bytes, whatever is written to other storage",
                        "Allocation; Memory", ContentChecks::own));
    }

    private static void first(Bench bench) {
        List<Allocation> all = bench.fill(bench.piece());
        all.forEach(storage -> see(bench, storage, BytePattern.zero(), "when it is first seen"));
    }

    private static void again(Bench bench) {
        for (int round = 0; round < 2; round++) {
            List<Allocation> all = bench.fill(bench.piece());
            all.forEach(storage -> see(bench, storage, BytePattern.zero(), "after another owner gave it back"));
            all.forEach(storage -> write(storage, BytePattern.ofSeed(7)));
            all.forEach(bench::release);
        }
    }

    private static void own(Bench bench) {
        List<Allocation> all = new ArrayList<>(bench.fill(bench.piece()));
        for (int i = 0; i < all.size(); i++) {
            write(all.get(i), BytePattern.ofSeed(i));
        }
        for (int i = 0; i < all.size(); i++) {
            see(bench, all.get(i), BytePattern.ofSeed(i), "after other storage was written");
        }
    }

    static void write(Allocation storage, BytePattern pattern) {
        try (Arena arena = Arena.ofConfined()) {
            pattern.fill(storage.memory().view(0, storage.byteSize(), CpuMode.READ_WRITE, arena));
        }
    }

    static void see(Bench bench, Allocation storage, BytePattern pattern, String when) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = storage.memory().view(0, storage.byteSize(), CpuMode.READ, arena);
            OptionalLong wrong = pattern.mismatch(bytes);
            if (wrong.isPresent()) {
                long at = wrong.getAsLong();
                String asked = bench.ledger().ask(storage).map(Ask::toString).orElse("storage");
                throw new Violation(
                        asked + ", read " + when, "byte " + at + " of " + Quantity.format(storage.byteSize()) + " is "
                                + hex(bytes.get(ValueLayout.JAVA_BYTE, at)),
                        hex(pattern.byteAt(at)));
            }
        }
    }

    private static String hex(byte value) {
        return "0x" + Integer.toHexString(Byte.toUnsignedInt(value));
    }
}
