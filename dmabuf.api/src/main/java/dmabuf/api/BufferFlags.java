// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

/**
 * The flags that every runtime knows; they are passed to the allocator. An allocator may declare more by the service
 * property {@code dmabuf.allocator.flags}; a flag that nobody knows is refused.
 */
public final class BufferFlags {
    /** The CPU's view is cached: the default. Not together with {@link #WRITE_COMBINE}. */
    public static final String CACHED = "CACHED";

    /** The CPU's view is write-combining. */
    public static final String WRITE_COMBINE = "WRITE_COMBINE";

    /** The CPU stays out: a CPU access is ACCESS. */
    public static final String NO_CPU = "NO_CPU";

    private BufferFlags() {}
}
