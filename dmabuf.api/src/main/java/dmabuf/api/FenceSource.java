// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The end of a fence that whoever does the work holds. It speaks once: by the first of {@link #signal()}, {@link #fail}
 * and {@link #close()}. Any thread may call them, and none of them blocks: those who wait are woken, and what the fence was
 * the last to hold goes back soon after, on another thread.
 */
@ProviderType
public interface FenceSource extends AutoCloseable {
    /** Returns the end for those who wait. */
    Fence fence();

    /**
     * Says that the work is done. While a fence that comes before this one is pending this is kept, and takes effect with
     * the last of them.
     *
     * @return whether this call was the one that said it; false when the source has spoken, or the fence has failed
     */
    boolean signal();

    /**
     * Says that the work failed, which takes effect at once. Those who wait get this error.
     *
     * @param reason the reason
     * @param text what went wrong
     * @return whether this call was the one that said it; false when the source has spoken, or the fence has failed
     */
    boolean fail(Reason reason, String text);

    /** Gives up: a fence whose source has not spoken fails with {@link Reason#GONE}. Otherwise harmless. */
    @Override
    void close();
}
