// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import dmabuf.api.spi.AllocatorStatistics;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A picture of a registered allocator.
 *
 * @param id the id
 * @param priority the priority; higher is asked first
 * @param type the type, for example {@code contig}
 * @param name a readable name
 * @param bundle the bundle that registered it
 * @param pool the pool that it serves, or empty
 * @param bit its bit of the access mask, or empty when any mask fits
 * @param standby whether it waits for the holder of its id to leave
 * @param statistics its figures, or empty when it did not answer
 * @param description what it says of itself
 */
public record AllocatorInfo(
        String id,
        int priority,
        String type,
        String name,
        String bundle,
        Optional<String> pool,
        OptionalInt bit,
        boolean standby,
        Optional<AllocatorStatistics> statistics,
        Map<String, String> description) {}
