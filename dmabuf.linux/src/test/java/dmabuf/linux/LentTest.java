// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dmabuf.api.spi.Memory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Memory that others still hold when it is closed. The files are real, how many hold them is said by the test: there is
 * no dma-buf without its kernel, where the lab tries the same.
 */
class LentTest {
    private static final long SIZE = 4096;

    private final SystemCalls calls = new CLibrary();
    private final AtomicLong holders = new AtomicLong(2);
    private final AtomicLong givenBack = new AtomicLong();
    private final Lent lent = new Lent(calls, _ -> OptionalLong.of(holders.get()), givenBack::addAndGet);
    private final int file = calls.memfdCreate("lent");
    private final Backing backing = Backing.ofDmaBuf("heap:system", file, SIZE);
    private final List<LinuxMemory> ended = new ArrayList<>();

    @AfterEach
    void nothingIsLeft() {
        lent.end();
        assertThat(isOpen()).isFalse();
    }

    private boolean isOpen() {
        return Files.exists(Path.of("/proc/self/fd/" + file));
    }

    private LinuxMemory memory() {
        calls.ftruncate(file, SIZE);
        return new LinuxMemory(calls, backing, lent::take, ended::add);
    }

    @Test
    void whatADriverHoldsIsLentUntilItLetsGo() {
        LinuxMemory memory = memory();
        calls.close(memory.duplicateDescriptor());
        memory.close();
        assertThat(ended).singleElement().satisfies(own -> assertThat(own.isCountedElsewhere()).isTrue());
        assertThat(isOpen()).isTrue();
        assertThat(lent.bytes()).isEqualTo(Map.of("heap:system", SIZE));
        holders.set(1);
        await().until(() -> givenBack.get() == SIZE);
        assertThat(lent.bytes()).isEmpty();
        assertThat(isOpen()).isFalse();
    }

    @Test
    void whatNobodyElseHoldsIsClosedAtOnce() {
        holders.set(1);
        LinuxMemory memory = memory();
        calls.close(memory.duplicateDescriptor());
        memory.close();
        assertThat(isOpen()).isFalse();
        assertThat(ended).singleElement().satisfies(own -> assertThat(own.isCountedElsewhere()).isFalse());
        assertThat(lent.bytes()).isEmpty();
    }

    @Test
    void whatNeverWasGivenOutIsNotAskedAbout() {
        Memory memory = memory();
        memory.close();
        assertThat(isOpen()).isFalse();
    }

    @Test
    void theEndClosesWhatIsLentAndTakesNoMore() {
        lent.take(backing);
        lent.end();
        assertThat(givenBack).hasValue(SIZE);
        assertThat(isOpen()).isFalse();
        assertThat(lent.take(backing)).isFalse();
        assertThat(lent.bytes()).isEmpty();
    }
}
