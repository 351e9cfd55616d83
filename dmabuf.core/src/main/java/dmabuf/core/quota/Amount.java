// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.quota;

/**
 * What is charged.
 *
 * @param byteSize bytes of memory, never negative
 * @param descriptors open files, never negative
 */
public record Amount(long byteSize, long descriptors) {
    /** Nothing. */
    public static final Amount NONE = new Amount(0, 0);

    /** One open file. */
    public static final Amount DESCRIPTOR = new Amount(0, 1);

    /** Refuses less than nothing. */
    public Amount {
        if (byteSize < 0 || descriptors < 0) {
            throw new IllegalArgumentException("less than nothing: " + byteSize + " bytes, " + descriptors + " descriptors");
        }
    }

    /** Returns what a memory of so many bytes is charged as: its bytes, and the descriptor that keeps it. */
    public static Amount ofMemory(long byteSize) {
        return new Amount(byteSize, 1);
    }

    /** Returns the sum. */
    public Amount plus(Amount other) {
        return new Amount(Math.addExact(byteSize, other.byteSize), Math.addExact(descriptors, other.descriptors));
    }

    /** Returns what is left without the other, of which no part may be larger. */
    public Amount minus(Amount other) {
        return new Amount(byteSize - other.byteSize, descriptors - other.descriptors);
    }

    /** Returns the smaller of both, each part by itself. */
    Amount min(Amount other) {
        return new Amount(Math.min(byteSize, other.byteSize), Math.min(descriptors, other.descriptors));
    }
}
