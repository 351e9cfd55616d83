// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

/** What the work behind a fence does to the buffer; the kernel's enum dma_resv_usage (include/linux/dma-resv.h). */
public enum FenceUsage {
    /** It reads: who writes waits for it. */
    READ,
    /** It writes, and may read: everybody waits for it. */
    WRITE;

    /** Returns whether work of this kind has to wait for unfinished work of another kind: only two readers do not. */
    public boolean waitsFor(FenceUsage other) {
        return this == WRITE || other == WRITE;
    }
}
