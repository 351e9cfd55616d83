// SPDX-License-Identifier: Apache-2.0
package itests.planted.allocator.other;

/** Stands for the inside of another allocator. */
public final class Pool {}
