// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.Objects;
import java.util.OptionalLong;

/** What part of a buffer the CPU touches, and how. Immutable; changed copies by the {@code with} methods. */
public final class CpuRequest {
    private final CpuMode mode;
    private final long byteOffset;
    private final OptionalLong byteSize;
    private final boolean trying;
    private final boolean shared;

    private CpuRequest(CpuMode mode, long byteOffset, OptionalLong byteSize, boolean trying, boolean shared) {
        this.mode = Objects.requireNonNull(mode, "mode");
        this.byteOffset = byteOffset;
        this.byteSize = byteSize;
        this.trying = trying;
        this.shared = shared;
    }

    /** Returns a request for the whole buffer, confined to the calling thread. */
    public static CpuRequest of(CpuMode mode) {
        return new CpuRequest(mode, 0, OptionalLong.empty(), false, false);
    }

    /** Returns this request for a byte range; IllegalArgumentException when offset is negative or size below 1. */
    public CpuRequest withRange(long offset, long size) {
        if (offset < 0 || size < 1) {
            throw new IllegalArgumentException(
                    "byte range " + offset + "+" + size + " is no range: offset at least 0, size at least 1");
        }
        return new CpuRequest(mode, offset, OptionalLong.of(size), trying, shared);
    }

    /**
     * Returns the try form of this request: BUSY instead of blocking. Of a dma-buf, a driver that begins to write just then,
     * after the runtime has looked, is waited for by the kernel all the same.
     */
    public CpuRequest withTrying() {
        return new CpuRequest(mode, byteOffset, byteSize, true, shared);
    }

    /** Returns this request with a view that any thread may use and close, at the price of a slower close. */
    public CpuRequest withShared() {
        return new CpuRequest(mode, byteOffset, byteSize, trying, true);
    }

    /** Returns the mode. */
    public CpuMode mode() {
        return mode;
    }

    /** Returns where the range begins, in bytes. */
    public long byteOffset() {
        return byteOffset;
    }

    /** Returns the size of the range, or empty for the rest of the buffer. */
    public OptionalLong byteSize() {
        return byteSize;
    }

    /** Returns whether this is the try form. */
    public boolean isTrying() {
        return trying;
    }

    /** Returns whether any thread may use the view. */
    public boolean isShared() {
        return shared;
    }
}
