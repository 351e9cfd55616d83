// SPDX-License-Identifier: Apache-2.0

/**
 * Share buffers between devices: create a {@link dmabuf.api.DmaBuf} with the {@link dmabuf.api.Exporter},
 * attach every {@link dmabuf.api.Device} that will touch it, and let the first map choose the memory.
 *
 * <p>Said once for the whole package:
 * <ul>
 *   <li><b>Nulls</b>: no parameter and no result is null unless it is annotated so; a null argument is a
 *       {@link java.lang.NullPointerException} and changes nothing.
 *   <li><b>Units</b>: sizes and offsets are bytes; addresses are unsigned 64-bit numbers in a {@code long};
 *       times are {@link java.time.Duration}.
 *   <li><b>Threads</b>: every method may be called from any thread, except where a handle says that it is
 *       confined to the thread that opened it.
 *   <li><b>Handles</b> ({@code DmaBuf}, {@code Attachment}, {@code Mapping}, {@code CpuAccess},
 *       {@code UserMapping}, {@code FenceSource}, {@code SyncFile}) are closed by their holder; closing twice is harmless.
 *   <li><b>Errors</b>: a refusal is a {@link dmabuf.api.DmaBufException} with a {@link dmabuf.api.Reason};
 *       misuse of an argument is an {@link java.lang.IllegalArgumentException}, of a state an
 *       {@link java.lang.IllegalStateException}. After any of them the state is as it was before the call.
 * </ul>
 */
@Export
@Version("1.1.0")
@NullMarked
package dmabuf.api;

import org.jspecify.annotations.NullMarked;
import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
