// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.Locale;

/** What an owner can hold of a buffer. More kinds may come in later versions: whoever switches over them needs a default. */
public enum HoldingKind {
    /** A handle, {@link DmaBuf}. */
    REFERENCE,
    /** A device's membership, {@link Attachment}. */
    ATTACHMENT,
    /** A device's active map, {@link Mapping}. */
    MAPPING,
    /** A CPU access, {@link CpuAccess}. */
    CPU_ACCESS,
    /** A longer-lived CPU view, {@link UserMapping}. */
    USER_MAPPING,
    /** A descriptor outside, {@link StorageFile}. */
    FILE,
    /** A pending fence, {@link FenceSource}. */
    FENCE,
    /** Fences of the kernel outside, {@link SyncFile}. */
    SYNC_FILE,
    /** A buffer of a set, {@link BufferSet}, which the set keeps with its storage. */
    SET;

    /** Returns its name in lower case and with blanks: {@code cpu access}. */
    public String words() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
