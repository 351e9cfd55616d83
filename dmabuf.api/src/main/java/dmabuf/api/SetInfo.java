// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.List;
import java.util.Optional;

/**
 * A picture of a buffer set. The counts are of nearly the same moment, not of one: buffers are acquired and released
 * meanwhile.
 *
 * @param id the number of the set, which no buffer has
 * @param name the name
 * @param owner the bundle that created it
 * @param count how many buffers rotate
 * @param byteSize the size of each, in bytes
 * @param generation how often storage was chosen for all of them: 0 before the first time
 * @param free how many can be acquired now
 * @param acquired how many of this generation are out
 * @param draining how many of earlier generations are out, or not yet freed
 * @param orphaned whether the allocator of the storage left and nobody else can serve the set: it rotates on as it is
 * @param allocator the allocator of the storage, or empty
 * @param devices the devices, by name
 * @param constraints what they need together
 * @param buffers the ids of the buffers of this generation
 * @param lastRefusal why the set last refused something, or empty
 */
public record SetInfo(
        long id,
        String name,
        String owner,
        int count,
        long byteSize,
        long generation,
        int free,
        int acquired,
        int draining,
        boolean orphaned,
        Optional<String> allocator,
        List<SetDevice> devices,
        DmaConstraints constraints,
        List<Long> buffers,
        Optional<Explanation> lastRefusal) {
    /** Copies the lists. */
    public SetInfo {
        devices = List.copyOf(devices);
        buffers = List.copyOf(buffers);
    }
}
