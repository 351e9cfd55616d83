// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.usage;

/** What a word of a command means, so that a shell can offer what there is. */
public enum Kind {
    /** Something that only the user knows: a new name, a number, a size. */
    FREE,
    /** A buffer. */
    BUFFER,
    /** A device, attached or not. */
    DEVICE,
    /** Devices, separated by commas. */
    DEVICES,
    /** A device that is attached to the buffer that was named before. */
    MEMBER,
    /** A buffer, a device or an allocator. */
    SUBJECT,
    /** An owner of buffers. */
    OWNER,
    /** A snapshot. */
    SNAPSHOT,
    /** A command of this scope. */
    COMMAND,
    /** {@code to}, {@code from} or {@code both}. */
    DIRECTION,
    /** {@code move} or {@code refuse}. */
    LATE,
    /** Flags of a buffer, separated by commas. */
    FLAGS,
    /** A file. */
    FILE
}
