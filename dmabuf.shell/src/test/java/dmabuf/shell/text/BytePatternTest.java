// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.OptionalLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BytePatternTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 8, 9, 65, 4096})
    void whatWasWrittenIsFoundAndEveryChangedByteIsSeen(int size) {
        MemorySegment memory = MemorySegment.ofArray(new byte[size]);
        BytePattern pattern = BytePattern.ofSeed(7);
        pattern.fill(memory);
        assertThat(pattern.mismatch(memory)).isEmpty();
        for (int at = 0; at < size; at += Math.max(1, size / 100)) {
            byte[] bytes = (byte[]) memory.heapBase().orElseThrow();
            bytes[at] ^= 1;
            assertThat(pattern.mismatch(memory)).isEqualTo(OptionalLong.of(at));
            bytes[at] ^= 1;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 65})
    void freshMemoryIsZeroAndNoSeedIs(int size) {
        MemorySegment memory = MemorySegment.ofArray(new byte[size]);
        assertThat(BytePattern.zero().mismatch(memory)).isEmpty();
        assertThat(BytePattern.ofSeed(0).mismatch(memory)).isPresent();
        BytePattern.ofSeed(0).fill(memory);
        assertThat(BytePattern.ofSeed(1).mismatch(memory)).isPresent();
    }
}
