// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.Direction;
import dmabuf.api.DmaBufException;
import dmabuf.api.LatePolicy;
import dmabuf.api.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommandErrorTest {
    @Test
    void oneLineWithTheErrno() {
        assertThat(CommandError.line(new DmaBufException(Reason.BUSY, "cam holds a mapping\nof b")))
                .isEqualTo("EBUSY: cam holds a mapping; of b");
        assertThat(CommandError.line(new IllegalStateException("cam is attached"))).isEqualTo("EINVAL: cam is attached");
        assertThat(CommandError.line(new UnsupportedOperationException()))
                .isEqualTo("UnsupportedOperationException: UnsupportedOperationException");
    }

    @Test
    void wrongWordsSayTheRightOnes() {
        assertThatThrownBy(() -> Choices.direction(List.of("up"))).hasMessage("a direction is to, from or both, not up");
        assertThat(Choices.direction(List.of())).isEqualTo(Direction.BIDIRECTIONAL);
        assertThatThrownBy(() -> Choices.of("--late", "never", LatePolicy.values()))
                .hasMessage("--late is one of [move, refuse], not never");
        assertThat(Choices.of("--late", "refuse", LatePolicy.values())).isEqualTo(LatePolicy.REFUSE);
        assertThatThrownBy(() -> Choices.pattern("seven")).hasMessageStartingWith("'seven' is not a number");
    }
}
