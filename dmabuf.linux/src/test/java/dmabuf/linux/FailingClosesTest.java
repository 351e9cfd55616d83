// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dmabuf.api.DmaBufException;
import dmabuf.api.spi.Memory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A close that fails has closed: close(2). Nothing else stays open because of it. */
class FailingClosesTest {
    private final FailingCalls calls = new FailingCalls(0, 0);
    private final NativeMemory service = new NativeMemory(calls, 64L << 20, new RecordedLog().logger());
    private final long page = service.pageSize();

    @Test
    void partsThatDoNotCloseLeaveNothingOfTheWhole() {
        String name = "partsThatDoNotClose";
        List<Memory> parts = List.of(service.memfd(page, name), service.memfd(page, name));
        calls.closeBadly();
        assertThatExceptionOfType(DmaBufException.class).isThrownBy(() -> service.join(parts, name)).withMessageContaining("EIO");
        assertThat(Resources.named(name)).isEqualTo(Resources.NONE);
        assertThat(service.inUse()).isZero();
    }

    @Test
    void anErrorKeepsNoneOfTheOthers() {
        List<Integer> closed = new ArrayList<>();
        assertThatExceptionOfType(StackOverflowError.class).isThrownBy(() -> Every.of(List.of(1, 2, 3), each -> {
            closed.add(each);
            if (each == 1) {
                throw new StackOverflowError();
            }
            throw new IllegalStateException();
        }));
        assertThat(closed).containsExactly(1, 2, 3);
    }
}
