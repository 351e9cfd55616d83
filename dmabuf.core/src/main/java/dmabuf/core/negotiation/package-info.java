// SPDX-License-Identifier: Apache-2.0

/**
 * What a set of devices can share, as pure functions: combine, test, choose, explain, cut and verify. No threads, no
 * locks, no services; the same answer for the same arguments, whatever the order of the devices. The rules are those
 * of the contract, sections 3 (constraints) and 5 (selection). All numbers are unsigned 64-bit.
 */
@NullMarked
package dmabuf.core.negotiation;

import org.jspecify.annotations.NullMarked;
