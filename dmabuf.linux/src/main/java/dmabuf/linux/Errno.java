// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.Arrays;
import java.util.Optional;

/** The error numbers that memory calls answer, from include/uapi/asm-generic/errno-base.h and errno.h. */
enum Errno {
    EPERM(1, Reason.ACCESS, "the kernel or a security policy forbids it"),
    ENOENT(2, Reason.ACCESS, "there is no such file"),
    EINTR(4, Reason.ACCESS, "interrupted by a signal"),
    EIO(5, Reason.ACCESS, "input or output failed"),
    ENXIO(6, Reason.ACCESS, "nothing is behind the file"),
    EBADF(9, Reason.GONE, "the descriptor is not open"),
    EAGAIN(11, Reason.ACCESS, "try again"),
    ENOMEM(12, Reason.OUT_OF_MEMORY, "the machine has no room: lower dmabuf.linux capacity, or see vm.max_map_count"),
    EACCES(13, Reason.ACCESS, "permission denied"),
    EFAULT(14, Reason.ACCESS, "the kernel cannot use this memory"),
    EBUSY(16, Reason.BUSY, "somebody else has it"),
    EEXIST(17, Reason.ACCESS, "it is there already"),
    ENODEV(19, Reason.ACCESS, "the file cannot do that"),
    EINVAL(22, Reason.ACCESS, "the kernel does not accept these values"),
    ENFILE(23, Reason.OUT_OF_MEMORY, "the machine has no descriptor left: see fs.file-max"),
    EMFILE(24, Reason.OUT_OF_MEMORY, "the process has no descriptor left: raise 'ulimit -n'"),
    ENOTTY(25, Reason.ACCESS, "the file does not know the request"),
    EFBIG(27, Reason.OUT_OF_MEMORY, "larger than a file may be: see 'ulimit -f'"),
    ENOSPC(28, Reason.OUT_OF_MEMORY, "the machine has no room"),
    ENOSYS(38, Reason.ACCESS, "the kernel does not offer the call"),
    ETIME(62, Reason.TIMED_OUT, "its time has passed"),
    EOPNOTSUPP(95, Reason.ACCESS, "the file does not offer it"),
    ETIMEDOUT(110, Reason.TIMED_OUT, "it did not end in time"),
    ECANCELED(125, Reason.GONE, "whoever began it has given it up");

    private final int number;
    private final Reason reason;
    private final String remedy;

    Errno(int number, Reason reason, String remedy) {
        this.number = number;
        this.reason = reason;
        this.remedy = remedy;
    }

    /** Returns the number. */
    int number() {
        return number;
    }

    /** Returns the error with this number, or empty when it has no name here. */
    static Optional<Errno> of(int number) {
        return Arrays.stream(values()).filter(errno -> errno.number == number).findFirst();
    }

    /** Returns the error of a call that failed with this number; a number without a name is ACCESS. */
    static DmaBufException failure(String call, int number) {
        return of(number)
                .map(errno -> errno.failure(call, errno.remedy))
                .orElseGet(() -> new DmaBufException(Reason.ACCESS, call + ": errno " + number));
    }

    /** Returns this error of a call, with what is known to help there. */
    DmaBufException failure(String call, String help) {
        return failure(reason, call, help);
    }

    /** Returns this error of a call that means something else by it. */
    DmaBufException failure(Reason other, String call, String help) {
        return new DmaBufException(other, call + ": " + this + " (" + help + ")");
    }
}
