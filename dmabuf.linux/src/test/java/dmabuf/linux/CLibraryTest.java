// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class CLibraryTest {
    private final CLibrary calls = new CLibrary();

    @Test
    void thisMachineHasAllFunctions() {
        assertThat(calls.missing()).isEmpty();
        assertThat(Long.bitCount(calls.pageSize())).isEqualTo(1);
        assertThat(calls.pageSize()).isGreaterThanOrEqualTo(4096);
    }

    @Test
    void aFailureNamesTheCallItsValuesAndTheErrno() {
        refused(
                () -> calls.ftruncate(-1, 4096),
                Reason.GONE,
                "ftruncate(-1, 4096): EBADF (the descriptor is not open)");
        refused(() -> calls.close(-1), Reason.GONE, "close(-1): EBADF (the descriptor is not open)");
        refused(
                () -> calls.mmap(-1, 4096),
                Reason.GONE,
                "mmap(4096, PROT_READ|PROT_WRITE, MAP_SHARED, -1): EBADF (the descriptor is not open)");
        refused(
                () -> calls.munmap(1, 1),
                Reason.ACCESS,
                "munmap(0x1, 1): EINVAL (the kernel does not accept these values)");
        refused(
                () -> calls.memfdCreate("x".repeat(250)),
                Reason.ACCESS,
                "memfd_create(\"" + "x".repeat(250) + "\", MFD_CLOEXEC|MFD_ALLOW_SEALING): EINVAL"
                        + " (the kernel does not accept these values)");
        assertThat(calls.punchHole(-1, 4096)).isFalse();
    }

    @Test
    void anErrnoWithoutANameIsShownAsNumber() {
        DmaBufException failure = Errno.failure("call()", 4711);
        assertThat(failure).hasMessage("call(): errno 4711");
        assertThat(failure.reason()).isEqualTo(Reason.ACCESS);
    }

    @Test
    void noRoomIsOutOfMemory() {
        assertThat(List.of(12, 23, 24, 27, 28))
                .extracting(errno -> Errno.failure("call()", errno).reason())
                .containsOnly(Reason.OUT_OF_MEMORY);
    }

    private static void refused(ThrowingCallable call, Reason reason, String message) {
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(call)
                .withMessage(message)
                .extracting(DmaBufException::reason)
                .isEqualTo(reason);
    }
}
