// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

/** Where a fence is in its life: it changes once. */
public enum FenceState {
    /** The work is not done. */
    PENDING,
    /** The work is done. */
    SIGNALLED,
    /** The work failed, its deadline passed, or whoever should have done it went. */
    FAILED
}
