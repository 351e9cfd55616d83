// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dmabuf.api.AddressRange;
import dmabuf.api.CpuMode;
import dmabuf.api.Reason;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.MemorySource;
import dmabuf.core.quota.QuotaRule;
import dmabuf.core.quota.Quotas;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What stands behind a request comes back once, whatever fails, and whenever it ends. */
class ResourcesTest {
    private static final long SIZE = 4096;

    private final Cap cap = new Cap(() -> Long.MAX_VALUE);
    private final Claims claims = new Claims();
    private final List<Page> given = new ArrayList<>();
    private Runnable whileAllocating = () -> {};
    private final Resources resources = new Resources(
            service(), new Budget(cap, new Quotas().open(new Owner("app"), "pool", Optional.empty())), claims);

    private Memory obtain() {
        return resources.obtain(MemorySource.MEMFD, SIZE, "frame");
    }

    @Test
    void oneThatDoesNotCloseKeepsNoneOfTheOthers() {
        for (int i = 0; i < 20_000; i++) {
            obtain();
        }
        given.getFirst().fails = true;
        assertThatIllegalStateException().isThrownBy(resources::close).withMessage("stuck");
        assertThat(given).allMatch(page -> page.closed);
        assertThat(cap.used()).isZero();
    }

    @Test
    void whatIsClosedTwiceComesBackOnce() {
        obtain();
        resources.close();
        resources.close();
        assertThat(given).singleElement().satisfies(page -> assertThat(page.closes).isEqualTo(1));
        assertThat(cap.used()).isZero();
    }

    @Test
    void oneThatDoesNotCloseForLackOfMemoryKeepsNoneOfTheOthers() {
        obtain();
        obtain();
        given.getFirst().lacksRoom = true;
        assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(resources::close);
        assertThat(given).allMatch(page -> page.closed);
        assertThat(cap.used()).isZero();
    }

    @Test
    void memoryThatOtherStorageUsesIsNotTakenOverNorPaidFor() {
        Page theirs = new Page();
        claims.use(theirs);
        assertThat(resources.adopt(theirs)).isFalse();
        assertThat(cap.used()).isZero();
        claims.disuse(theirs);
        assertThat(resources.adopt(theirs)).isTrue();
        assertThat(resources.adopt(theirs)).as("it has it").isTrue();
        assertThat(cap.used()).isEqualTo(SIZE);
        resources.close();
        assertThat(claims.use(theirs)).as("nobody uses it any more").isTrue();
    }

    @Test
    void addressesAreClaimedOnceAndUntilTheEnd() {
        Resources others = new Resources(
                service(), new Budget(cap, new Quotas().open(new Owner("other"), "pool", Optional.empty())), claims);
        assertThat(resources.claim(AddressRange.ofSize(0, SIZE))).isTrue();
        assertThat(others.claim(AddressRange.ofSize(SIZE - 1, SIZE))).isFalse();
        resources.close();
        assertThat(others.claim(AddressRange.ofSize(SIZE - 1, SIZE))).isTrue();
        assertThat(Bench.refusal(() -> resources.claim(AddressRange.ofSize(8 * SIZE, SIZE))).reason()).isEqualTo(Reason.GONE);
    }

    /** What would never fit is told as that, whatever the owner may have; else its own limit comes first. */
    @Test
    void theCapAndTheQuotaAreAskedInTheirOrder() {
        Quotas quotas = new Quotas();
        quotas.put("app", QuotaRule.of(Map.of("name", "app", "owners", "app", "bytes", SIZE)));
        Cap small = new Cap(() -> 2 * SIZE);
        Budget budget = new Budget(small, quotas.open(new Owner("app"), "pool", Optional.empty()));
        assertThat(Bench.refusal(() -> budget.take(3 * SIZE)).reason()).isEqualTo(Reason.OUT_OF_MEMORY);
        assertThat(Bench.refusal(() -> budget.take(2 * SIZE)).reason()).isEqualTo(Reason.QUOTA);
        assertThat(small.used()).isZero();
        budget.take(SIZE);
        assertThat(small.used()).isEqualTo(SIZE);
    }

    @Test
    void memoryThatComesAfterTheEndIsClosed() {
        whileAllocating = resources::close;
        assertThat(Bench.refusal(this::obtain).reason()).isEqualTo(Reason.GONE);
        assertThat(given).singleElement().satisfies(page -> assertThat(page.closed).isTrue());
        assertThat(cap.used()).isZero();
    }

    /** Whoever ends a request does not wait for the kernel: another thread closes while this one is in its call. */
    @Test
    void theEndWaitsForNoAllocation() {
        whileAllocating = () -> {
            Thread closing = Thread.ofPlatform().start(resources::close);
            try {
                closing.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        };
        assertThat(Bench.refusal(this::obtain).reason()).isEqualTo(Reason.GONE);
        assertThat(given).allMatch(page -> page.closed);
    }

    private MemoryService service() {
        return (MemoryService) Proxy.newProxyInstance(
                MemoryService.class.getClassLoader(), new Class<?>[] {MemoryService.class}, (_, _, _) -> {
                    whileAllocating.run();
                    Page page = new Page();
                    given.add(page);
                    return page;
                });
    }

    private static final class Page implements Memory {
        private boolean closed;
        private boolean fails;
        private boolean lacksRoom;
        private int closes;

        @Override
        public long byteSize() {
            return SIZE;
        }

        @Override
        public String source() {
            return "memfd";
        }

        @Override
        public MemorySegment view(long byteOffset, long byteSize, CpuMode mode, Arena arena) {
            throw new UnsupportedOperationException("no bytes");
        }

        @Override
        public int duplicateDescriptor() {
            throw new UnsupportedOperationException("no descriptor");
        }

        @Override
        public void close() {
            closed = true;
            closes++;
            if (lacksRoom) {
                throw new OutOfMemoryError("no room");
            }
            if (fails) {
                throw new IllegalStateException("stuck");
            }
        }
    }
}
