// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import java.time.Duration;
import java.util.List;

/**
 * The system calls that memory and devices need, with names and meaning of the manual pages, section 2. Each throws a
 * {@link dmabuf.api.DmaBufException} that names the call, its values and its errno: OUT_OF_MEMORY when the machine has
 * no room, ACCESS when it is denied or not offered, BUSY when somebody else has it. Any thread may call.
 */
interface SystemCalls {
    /** Returns the functions that this machine does not have; empty on any Linux since 2018. */
    List<String> missing();

    /** Returns sysconf(_SC_PAGESIZE) in bytes. */
    long pageSize();

    /** Opens a file or a device for reading, perhaps for writing too, close-on-exec; returns its descriptor. */
    int open(String path, boolean writes);

    /** Creates an empty anonymous file, close-on-exec, that allows sealing; returns its descriptor. */
    int memfdCreate(String name);

    /** Creates an empty anonymous file as {@link #memfdCreate} does, of huge pages of a size in bytes. */
    int memfdCreateHuge(String name, long pageSize);

    /** Sets the size of a file in bytes. */
    void ftruncate(int descriptor, long byteSize);

    /** Forbids for good that a file shrinks or grows. */
    void sealSize(int descriptor);

    /** Maps a whole file for reading and writing, shared; returns the address. */
    long mmap(int descriptor, long byteSize);

    /** Takes addresses that nothing may touch (PROT_NONE), for {@link #mmapOver}; returns the first. */
    long reserve(long byteSize);

    /** Maps a whole file as {@link #mmap} does, in the place of what was mapped there (MAP_FIXED). */
    void mmapOver(long address, int descriptor, long byteSize);

    /** Brings all pages in and keeps them in RAM, until they are unmapped. */
    void mlock(long address, long byteSize);

    /** Lets pages go out again that {@link #mlock} keeps. */
    void munlock(long address, long byteSize);

    /**
     * Puts fresh zeroed pages of this process alone in the place of what {@link #mmap} mapped, in one step (MAP_FIXED):
     * who reads or writes there meanwhile finds the old pages or the new ones, and never none.
     */
    void mmapPrivateOver(long address, long byteSize);

    /** Unmaps what {@link #mmap} mapped. */
    void munmap(long address, long byteSize);

    /** Returns a close-on-exec duplicate of a descriptor. */
    int duplicate(int descriptor);

    /** Closes a descriptor. */
    void close(int descriptor);

    /**
     * Makes a request of a device; restarts where the kernel asks for it.
     *
     * @param file the name of the device, for errors
     * @param argument a number, or the address of a structure
     * @return what the kernel answers, 0 or more
     */
    int ioctl(int descriptor, Ioctl request, String file, long argument);

    /**
     * Waits until a file is ready for reading ({@link KernelStructs#POLLIN}) or writing ({@link KernelStructs#POLLOUT}).
     *
     * @param limit the longest time to wait, in whole milliseconds; a signal to the process may end the wait earlier
     * @return whether it is ready
     */
    boolean poll(int descriptor, long events, Duration limit);

    /** Frees the pages of a file, which then reads as zero; returns false where the kernel cannot. */
    boolean punchHole(int descriptor, long byteSize);
}
