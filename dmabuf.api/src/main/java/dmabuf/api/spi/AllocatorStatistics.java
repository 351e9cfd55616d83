// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

/**
 * The figures of an allocator, in bytes but for the counts.
 *
 * @param live how many storages are out
 * @param used bytes that are out
 * @param free bytes that are free
 * @param largestFree the largest free piece
 * @param highWater the most bytes that were ever out
 * @param failed how many requests failed, for whatever reason
 * @param failedByFragmentation how many of them failed although enough was free
 */
public record AllocatorStatistics(
        long live, long used, long free, long largestFree, long highWater, long failed, long failedByFragmentation) {}
