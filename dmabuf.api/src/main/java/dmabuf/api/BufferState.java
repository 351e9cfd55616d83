// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

/** Where a buffer is in its life. */
public enum BufferState {
    /** No storage yet. */
    DEFERRED,
    /** Has storage. */
    BACKED,
    /** Everything is given back. */
    RELEASED
}
