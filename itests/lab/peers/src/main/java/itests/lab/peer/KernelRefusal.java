// SPDX-License-Identifier: Apache-2.0
package itests.lab.peer;

import java.util.Map;

/** What a driver refused, with its errno. */
public final class KernelRefusal extends RuntimeException {
    // include/uapi/asm-generic/errno-base.h
    private static final Map<Integer, String> NAMES = Map.of(
            2, "ENOENT", 5, "EIO", 11, "EAGAIN", 12, "ENOMEM", 13, "EACCES", 14, "EFAULT", 16, "EBUSY", 19, "ENODEV",
            22, "EINVAL", 25, "ENOTTY");

    private final int errno;

    KernelRefusal(String what, int errno) {
        super(what + ": " + NAMES.getOrDefault(errno, "errno " + errno));
        this.errno = errno;
    }

    /** Returns the name of the errno, or its number where it has none here. */
    public String errno() {
        return NAMES.getOrDefault(errno, String.valueOf(errno));
    }
}
