// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

/** What a new buffer set shall be. Immutable. */
public final class SetRequest {
    /** The most buffers of a set. */
    public static final int MAX_COUNT = 1_024;

    private final BufferRequest buffer;
    private final int count;

    private SetRequest(BufferRequest buffer, int count) {
        this.buffer = buffer;
        this.count = count;
    }

    /**
     * Returns a request for some buffers that are all alike. Their name is that of the set. Where their late policy is
     * {@link LatePolicy#REFUSE} a device that the storage does not suit is BUSY, and no new buffers are made for it. Where they
     * wait for an allocator, devices attach without one; who prepares or acquires is refused until it is there.
     *
     * @param count how many, 1 to {@link #MAX_COUNT}
     * @throws DmaBufException INVALID for another count, and for a request that names devices to wait for: the devices
     *     of a set attach to the set
     */
    public static SetRequest of(BufferRequest buffer, int count) {
        if (count < 1 || count > MAX_COUNT) {
            throw invalid("count=" + count + " is not allowed: a set has 1 to " + MAX_COUNT + " buffers");
        }
        if (!buffer.expectedDevices().isEmpty() || !buffer.optionalDevices().isEmpty()) {
            throw invalid("a set waits for no devices: attach them to the set");
        }
        return new SetRequest(buffer, count);
    }

    private static DmaBufException invalid(String text) {
        return new DmaBufException(Reason.INVALID, text);
    }

    /** Returns what each buffer shall be. */
    public BufferRequest buffer() {
        return buffer;
    }

    /** Returns how many buffers there are. */
    public int count() {
        return count;
    }
}
