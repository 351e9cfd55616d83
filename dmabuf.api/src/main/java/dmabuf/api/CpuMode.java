// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

/** What the CPU does in an access or a user mapping. */
public enum CpuMode {
    /** Only reads: the segment is read-only. */
    READ,
    /** Writes, and may read what it wrote. */
    WRITE,
    /** Reads and writes. */
    READ_WRITE;

    /** Returns whether the CPU writes. */
    public boolean writes() {
        return this != READ;
    }
}
