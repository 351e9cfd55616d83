// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.time.Duration;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A counted reference to a buffer of fixed size; its storage comes with the first map. After {@link #close()} every
 * method but {@link #id()}, {@link #info()} and {@code close} is GONE; attachments made through the handle live on.
 */
@ProviderType
public interface DmaBuf extends AutoCloseable {
    /** Returns the number by which another bundle opens it; never used twice in the life of the runtime. */
    long id();

    /** Returns the size that was asked for, in bytes. */
    long byteSize();

    /** Returns the present state; also after close, and after the release of the buffer. */
    BufferInfo info();

    /**
     * Makes a device a member. A transaction: combine, test representability, ask every allocator and policy; a refused
     * attach changes nothing. When the buffer has storage that does not suit the newcomer, the storage moves if nothing
     * holds it, or every holder lets go. May call foreign code, and then blocks no longer than its deadlines.
     *
     * @param device a name, short name or filter; see {@link Exporter}
     * @throws DmaBufException INCOMPATIBLE, NO_ALLOCATOR, BUSY, TOO_COMPLEX, the reason of a policy's veto, or the
     *     reason why a move failed; GONE when the device left
     * @throws IllegalStateException when the device is a member already
     */
    Attachment attach(String device);

    /** Attaches several devices, all or nothing; otherwise as {@link #attach(String)}. */
    List<Attachment> attach(List<String> devices);

    /**
     * Attaches the required devices, all or nothing, then each optional one that fits, in the order of the request, as by
     * {@link #attach(String)} each. An optional one that is refused, or not present, is left out: the answer,
     * {@link #info()} and {@link EventKind#BUFFER_LEFT_OUT} say why. It may be tried again at any time.
     *
     * @throws DmaBufException as for {@link #attach(List)}, for the required devices; nothing is attached then
     * @throws IllegalArgumentException when a device is named twice
     * @throws IllegalStateException when one is a member already; nothing is attached then
     */
    AttachResult attach(AttachRequest request);

    /** Stops waiting for expected devices, and for optional ones, that have not attached. */
    void withdrawExpected();

    /**
     * Waits until nobody is missing any more for whom a map would wait: all expected devices have attached, and the
     * optional ones have or their time is over. Uses no memory. Returns at once when that is so already.
     *
     * @param within how long to wait; zero asks without waiting
     * @throws DmaBufException NOT_READY with the laggards when the time is over or the thread is interrupted, which stays
     *     set; GONE when the handle, its owner, the buffer or the runtime goes meanwhile
     */
    void awaitReady(Duration within);

    /**
     * Begins a CPU access; the first one on a buffer without storage allocates it.
     *
     * @throws DmaBufException ACCESS when the buffer is NO_CPU, secure, or read-only and the mode writes; NOT_READY
     *     when expected devices are missing; the reasons of allocation; BUSY for a try that would block;
     *     the error of a fence that was waited for; see {@link #addFence}
     * @throws IllegalArgumentException when the byte range is not inside the buffer
     */
    CpuAccess beginCpuAccess(CpuRequest request);

    /** Begins a CPU access of the whole buffer. */
    default CpuAccess beginCpuAccess(CpuMode mode) {
        return beginCpuAccess(CpuRequest.of(mode));
    }

    /**
     * Opens a longer-lived CPU view (the proposal's mmap). It holds the storage in place until it is closed. Errors as
     * for {@link #beginCpuAccess(CpuRequest)}.
     */
    UserMapping mapForUser(CpuRequest request);

    /**
     * Puts a fence on the buffer: work on it that is under way, of a device or of a program. Until it is done, it keeps the
     * buffer alive and its storage in place, and whoever comes waits, by the rule of the kernel's dma_resv: a reader (a
     * CPU access in mode READ, a map to a device) for writers, a writer for all. The try forms are BUSY instead. Whoever
     * waited for a fence that fails gets its error; who comes later does not. At its deadline a fence fails with
     * TIMED_OUT, and with GONE when this owner or the runtime stops.
     *
     * <p>It may be put on a buffer without storage. The owner of a fence waits for it like everybody else: map first, then
     * add the fence. Blocks for no other fence. The kernel's drivers do not see it: Linux lets no program make fences for
     * them. Their own work on a dma-buf is waited for in the same way, as long as the buffer's patience, and 10 calls of
     * foreign code at least; TIMED_OUT then.
     *
     * @throws DmaBufException INVALID when a fence that comes before is not of this runtime; BUSY when the storage moves
     */
    FenceSource addFence(FenceRequest request);

    /**
     * Puts a fence of the kernel on the buffer: one that a driver, or another process, gave as a sync_file. It is signalled,
     * or fails, as the sync_file does, and otherwise is a fence like any. Drivers that import the storage wait for it, too,
     * when it is a dma-buf already; while there is none, nobody but this runtime has to be told.
     *
     * @param descriptor the sync_file, which is duplicated and stays the caller's
     * @throws DmaBufException as for {@link #addFence}; INVALID when the descriptor is no sync_file; ACCESS where the kernel
     *     cannot tell drivers of it (Linux 6.0), with what it lacks
     */
    Fence importSyncFile(int descriptor, FenceRequest request);

    /** Returns the pending fences of all owners, in the order in which they came. */
    List<Fence> fences();

    /**
     * Moves the storage to the best eligible allocator and place now, contents kept. Does nothing without storage.
     *
     * @throws DmaBufException BUSY when something holds the storage; the reasons of allocation
     */
    void move();

    /** Drops this reference. */
    @Override
    void close();
}
