// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import org.osgi.annotation.versioning.ConsumerType;

/** Told once that a fence is done; the kernel's dma_fence_func_t. */
@ConsumerType
@FunctionalInterface
public interface FenceListener {
    /** Takes a fence that is signalled or failed. Called on a thread of the runtime, outside all of its locks. */
    void fenceDone(Fence fence);
}
