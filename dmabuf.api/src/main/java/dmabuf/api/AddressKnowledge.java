// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

/** How the CPU physical addresses of storage are known. */
public enum AddressKnowledge {
    /** They are those of the board model: there is no such hardware here, or nothing better could be had. */
    MODEL,

    /**
     * They were read from /proc/self/pagemap (Documentation/admin-guide/mm/pagemap.rst), and a dma-buf over the pages keeps
     * them there.
     */
    PAGEMAP,

    /** The source promises in which pieces it lies, such as one for a CMA heap, but not where. */
    PROMISED,

    /** The kernel alone knows: any page may lie anywhere in RAM. */
    UNKNOWN
}
