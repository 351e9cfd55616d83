// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A rotation of buffers that share one negotiation, such as the queue of a camera. All have storage of the same
 * allocator, and are mapped for all devices of the set, before the first is acquired; from then on acquiring and
 * releasing allocates nothing but the handle, calls no other bundle and waits for no lock that is held during such a call.
 *
 * <p><b>A device that joins while buffers are out</b>: when it can use the storage as it lies, it is mapped there, and
 * those who have a buffer find the mapping in it. Else storage of a new generation is negotiated, allocated, verified and
 * mapped for everybody first; from then on it is what is acquired, and the old buffers drain: each stays valid until it is
 * released, and is freed then. Nobody is refused a buffer meanwhile, or waits. There is memory for both generations, or the
 * device is refused and all stays as it was.
 *
 * <p><b>An allocator that leaves</b> is followed by a new generation in the same way; where nobody else can serve, the
 * storage stays in use. <b>A device that leaves</b> is no longer of the set; its mappings are GONE. <b>An owner that stops</b>
 * loses the set with all buffers at once.
 *
 * <p>After {@link #close()} every method but {@link #info()} and {@code close} is GONE.
 */
@ProviderType
public interface BufferSet extends AutoCloseable {
    /**
     * Makes devices members, all or none, and maps all buffers for them if there is storage.
     *
     * @throws DmaBufException as for {@link DmaBuf#attach(List)}; the reasons of allocation when a new generation is
     *     needed; BUSY when one is needed and the request forbids moving
     * @throws IllegalArgumentException when a device is named twice
     * @throws IllegalStateException when a device is a member already
     */
    void attach(Collection<SetDevice> devices);

    /** Makes one device a member; otherwise as {@link #attach(Collection)}. */
    default void attach(String device, Direction direction) {
        attach(List.of(new SetDevice(device, direction)));
    }

    /**
     * Takes a device out of the set. Free buffers are unmapped from it at once, those that are out when they are released.
     *
     * @throws IllegalStateException when it is no member
     */
    void detach(String device);

    /**
     * Gives the set its storage: all buffers or none, from one allocator, mapped for all devices. Does nothing when it has.
     * Calls other bundles, and so may block as long as their deadlines.
     *
     * @throws DmaBufException the reasons of allocation and of mapping
     */
    void prepare();

    /**
     * Takes a buffer out of the rotation, the one that was released last; prepares the set first where that was not done.
     *
     * @param patience how long to wait for a release when none is free
     * @throws DmaBufException BUSY when none was released in time, or the thread is interrupted, which stays set; the
     *     reasons of {@link #prepare()}
     */
    SetBuffer acquire(Duration patience);

    /** Takes a buffer out of the rotation if one is free; empty otherwise, and before the set is prepared. Never blocks. */
    Optional<SetBuffer> tryAcquire();

    /** Returns the present state; also after close. */
    SetInfo info();

    /** Ends the set. Buffers that are out stay valid until they are released, and are freed then. */
    @Override
    void close();
}
