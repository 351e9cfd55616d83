// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PoolBooksTest {
    private final PoolBooks books = PoolBooks.of(AddressRanges.parse("0x10000..0x1ffff"));

    @Test
    void figuresFollowWhatGoesOutAndComesBack() {
        long first = books.open(List.of(new Segment(0x10000, 0x1000), new Segment(0x12000, 0x1000)));
        long second = books.open(List.of(new Segment(0x11000, 0x1000)));
        assertThat(books.statistics()).isEqualTo(new AllocatorStatistics(2, 0x3000, 0xd000, 0xd000, 0x3000, 0, 0));
        books.close(first);
        books.close(first);
        assertThat(books.statistics()).isEqualTo(new AllocatorStatistics(1, 0x1000, 0xf000, 0xe000, 0x3000, 0, 0));
        books.close(second);
        assertThat(books.statistics()).isEqualTo(new AllocatorStatistics(0, 0, 0x10000, 0x10000, 0x3000, 0, 0));
    }

    @Test
    void whatIsNotFreeIsNotBookedAtAll() {
        books.open(List.of(new Segment(0x11000, 0x1000)));
        assertThatIllegalStateException()
                .isThrownBy(() -> books.open(List.of(new Segment(0x10000, 0x1000), new Segment(0x11000, 0x1000))))
                .withMessage("0x11000..0x11fff is not free");
        assertThat(books.statistics().used()).isEqualTo(0x1000);
        assertThat(books.free().byteSize()).isEqualTo(0xf000);
    }

    @Test
    void movesAlsoOntoItself() {
        long cookie = books.open(List.of(new Segment(0x11000, 0x2000)));
        assertThat(books.move(cookie, free -> Optional.empty())).containsExactly(new Segment(0x11000, 0x2000));
        assertThat(books.move(cookie, free -> {
                    assertThat(free.byteSize()).isEqualTo(0x10000);
                    return Optional.of(List.of(new Segment(0x10000, 0x2000)));
                }))
                .containsExactly(new Segment(0x10000, 0x2000));
        assertThat(books.segments(cookie)).containsExactly(new Segment(0x10000, 0x2000));
        assertThat(books.statistics()).isEqualTo(new AllocatorStatistics(1, 0x2000, 0xe000, 0xe000, 0x2000, 0, 0));
    }

    @Test
    void aMoveToATakenPlaceChangesNothing() {
        long cookie = books.open(List.of(new Segment(0x11000, 0x1000)));
        books.open(List.of(new Segment(0x10000, 0x1000)));
        assertThatIllegalStateException()
                .isThrownBy(() -> books.move(cookie, free -> Optional.of(List.of(new Segment(0x10000, 0x1000)))))
                .withMessage("0x10000..0x10fff is not free");
        assertThatIllegalStateException()
                .isThrownBy(() -> books.move(99, free -> Optional.empty()))
                .withMessage("storage 99 is not out");
        assertThat(books.segments(cookie)).containsExactly(new Segment(0x11000, 0x1000));
        assertThatIllegalStateException()
                .as("it is still taken").isThrownBy(() -> books.open(List.of(new Segment(0x11000, 0x1000))))
                .withMessage("0x11000..0x11fff is not free");
    }

    @Test
    void tooLittleIsOutOfMemoryElseFragmented() {
        books.open(List.of(new Segment(0x11000, 0x1000)));
        DmaBufException tooLittle = books.refusal(0x10000, 0, "unused");
        assertThat(tooLittle).hasMessage("64K asked, 60K of 64K free");
        assertThat(tooLittle.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
        DmaBufException scattered = books.refusal(0xf000, 0, "no block of 60K is free");
        assertThat(scattered).hasMessage("60K asked, 60K of 64K free, but no block of 60K is free");
        assertThat(scattered.reason()).isEqualTo(Reason.FRAGMENTED);
        DmaBufException elsewhere = books.refusal(0xf000, 0x1000, "unused");
        assertThat(elsewhere).hasMessage("60K asked, 60K of 64K free, 4K of it held by other allocators");
        assertThat(elsewhere.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
    }

    @Test
    void countsFailuresByKind() {
        books.failed(books.refusal(0x100000, 0, ""));
        books.failed(books.refusal(0x1000, 0, ""));
        books.failed(new IllegalStateException());
        assertThat(books.statistics()).isEqualTo(new AllocatorStatistics(0, 0, 0x10000, 0x10000, 0, 3, 1));
        books.retried();
        assertThat(books.statistics()).isEqualTo(new AllocatorStatistics(0, 0, 0x10000, 0x10000, 0, 2, 0));
    }
}
