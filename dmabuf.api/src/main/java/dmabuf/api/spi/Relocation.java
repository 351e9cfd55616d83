// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

/**
 * A new place for storage.
 *
 * @param from the storage as it was
 * @param to the same memory at its new segments
 */
public record Relocation(Allocation from, Allocation to) {}
