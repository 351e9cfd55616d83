// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Attachment;
import dmabuf.api.Attempt;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a buffer tells of what became of it. */
class PastTest {
    @Test
    void aRefusalForWhichNoAllocatorWasAskedLeavesTheirLastAnswers() {
        try (Bench bench = new Bench().devices("cam")) {
            bench.pool("pool", 0, 0x1000_0000L);
            DmaBuf frame = bench.buffer(Bench.PAGE);
            Attachment attachment = frame.attach("cam");
            try (Mapping _ = attachment.map(Direction.TO_DEVICE)) {
                List<Attempt> decision = frame.info().lastDecision();
                assertThat(decision).extracting(Attempt::allocator).containsExactly("pool");

                DmaBufException mapped = Bench.refusal(attachment::close);
                assertThat(mapped.reason()).isEqualTo(Reason.BUSY);
                assertThat(frame.info().lastRefusal()).contains(mapped.explanation());
                assertThat(frame.info().lastDecision()).isEqualTo(decision);
            }
        }
    }
}
