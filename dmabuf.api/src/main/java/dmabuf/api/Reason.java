// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

/** Why the runtime refused, with the errno that a kernel interface would have answered. */
public enum Reason {
    /** A constraint or request that is wrong by itself. */
    INVALID("EINVAL"),
    /** Devices that cannot share this buffer. */
    INCOMPATIBLE("EINVAL"),
    /** No allocator or mapper accepts the set of devices, or all of them failed for different reasons. */
    NO_ALLOCATOR("ENODEV"),
    /** Every allocator that was asked is out of memory, or the configured cap is reached. */
    OUT_OF_MEMORY("ENOMEM"),
    /** Enough memory is free, only not in pieces that the devices can use. */
    FRAGMENTED("ENOMEM"),
    /** Somebody holds what the call needs; the explanation names the holder. */
    BUSY("EBUSY"),
    /** Expected devices have not attached; the explanation names the laggards. */
    NOT_READY("EAGAIN"),
    /** The deadline of a fence or of foreign code (an allocator, a listener, a policy) passed. */
    TIMED_OUT("ETIME"),
    /** The limit of the owner is reached. */
    QUOTA("EDQUOT"),
    /** Rights do not suffice, or the memory is secure. */
    ACCESS("EACCES"),
    /** Used after its owner, device, buffer or the runtime itself went. */
    GONE("ESTALE"),
    /** More combinations of alternatives than the bound of 4,096. */
    TOO_COMPLEX("E2BIG");

    private final String errno;

    Reason(String errno) {
        this.errno = errno;
    }

    /** Returns the name of the errno, for example {@code "EBUSY"}. */
    public String errno() {
        return errno;
    }
}
