// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import org.osgi.annotation.versioning.ProviderType;

/**
 * One buffer of a set, from its acquisition to its release; whoever has it, has it alone. After {@link #close()}, or once
 * the owner or the runtime went, {@link #buffer()} and {@link #mapping(String)} are GONE.
 *
 * <p>Its bytes are kept from one release to the next acquisition by nobody: they are those of an earlier frame, or zero.
 */
@ProviderType
public interface SetBuffer extends AutoCloseable {
    /**
     * Returns the set's own handle on the buffer, the same each time: for CPU access, fences, and the id. It belongs to
     * the set, so closing it does nothing. A CPU access that is open is to be ended before the release: it is not ended by it.
     * An acquisition waits for no fence: who writes without a CPU access awaits those of {@code info()} that concern it.
     */
    DmaBuf buffer();

    /**
     * Returns the mapping for a device of the set. It was made with the storage and lives as long, the same each time, so a
     * device may be programmed with it once: closing it does nothing. No fence was waited for; whoever hands buffers on
     * before their work is done puts a fence on {@link #buffer()}.
     *
     * @param device a name, short name or filter; see {@link Exporter}
     * @return the mapping, which answers GONE once the device left
     * @throws IllegalArgumentException when the device is not one of the set
     */
    Mapping mapping(String device);

    /** Returns which buffer of its generation it is, from 0: the index of a driver's queue. */
    int index();

    /** Returns the generation it belongs to; see {@link SetInfo#generation()}. */
    long generation();

    /** Releases the buffer: it may be acquired again. Whoever releases one that the set has no more use for frees it, later. */
    @Override
    void close();
}
