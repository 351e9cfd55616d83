// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

/** Which way data flows, seen from memory; the kernel's enum dma_data_direction. */
public enum Direction {
    /** The device reads. */
    TO_DEVICE,
    /** The device writes. */
    FROM_DEVICE,
    /** Both. */
    BIDIRECTIONAL
}
