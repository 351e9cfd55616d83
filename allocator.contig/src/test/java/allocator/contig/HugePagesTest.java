// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dmabuf.api.Segment;
import dmabuf.api.spi.MemorySource;
import doubles.MachineDouble;
import doubles.RequestDouble;
import org.junit.jupiter.api.Test;

class HugePagesTest {
    private static final long HUGE = MachineDouble.HUGE;

    private final MachineDouble machine = new MachineDouble().with("hugepages");

    private HugePages taken(long... numbers) {
        HugePages pages = new HugePages(
                machine, MemorySource.parse("hugepages"), RequestDouble.ofSize(2 * HUGE).on(machine).direct(""));
        for (long number : numbers) {
            machine.pages("hugepages", new Segment(number * HUGE, HUGE));
            assertThat(pages.takeOne()).isTrue();
        }
        return pages;
    }

    @Test
    void whatDoesNotCloseKeepsNothingElseOpen() {
        HugePages pages = taken(1, 3, 5);
        machine.failingClose("EIO").failingClose("EIO again");
        assertThatIllegalStateException().isThrownBy(pages::close).withMessage("EIO");
        assertThat(machine.open).isEmpty();
    }

    @Test
    void aRunThatNobodyGetsIsClosedToo() {
        HugePages pages = taken(1, 3, 4);
        assertThat(pages.run(2)).isPresent();
        assertThat(machine.open).hasSize(2);
        machine.failingClose("EIO");
        assertThatIllegalStateException().isThrownBy(pages::close).withMessage("EIO");
        assertThat(machine.open).isEmpty();
    }
}
