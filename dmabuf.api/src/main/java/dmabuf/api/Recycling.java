// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

/**
 * What becomes of a buffer's storage when the buffer is released, or has moved away from it. Storage that is kept serves the
 * next buffer, or the next move of one, whose creator asks for that too, when size, alignment, flags, devices and allocators
 * are the same: it was chosen and verified for just that. Meanwhile its creator is charged for it, and what a move leaves is
 * not kept where a quota has no room for both places. It is given back when it was idle for a time, when it is too much, when
 * somebody else would get no room because of it, when its creator stops, and when an allocator or mapper comes or goes
 * (configuration {@code dmabuf.core}). Never kept is what somebody outside may still reach: through a descriptor or a view.
 */
public enum Recycling {
    /** It goes back to its allocator at once; the storage is always new. */
    NONE,
    /** It is kept. Whoever gets it finds it zero. */
    ZEROED,
    /** It is kept. The same creator finds in it whatever was left there, everybody else finds it zero. */
    UNCLEARED
}
