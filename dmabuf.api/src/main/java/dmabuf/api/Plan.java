// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The answer of a dry run, which takes memory for a moment and gives it back: it tells what a map would meet. Either {@code allocator} is present, or {@code refusal}.
 *
 * @param devices the full names of the devices, in the order asked for
 * @param byteSize the size asked for
 * @param constraints the combination, where there is one
 * @param allocator the allocator that would serve
 * @param tables the table that each device would get, by full name; without those whose addresses the kernel alone would
 *     know
 * @param attempts what every allocator answered, in the order of selection
 * @param refusal what is in the way, and which single change would make it fit
 */
public record Plan(
        List<String> devices,
        long byteSize,
        Optional<DmaConstraints> constraints,
        Optional<String> allocator,
        Map<String, SgTable> tables,
        List<Attempt> attempts,
        Optional<Explanation> refusal) {
    /** Copies the collections. */
    public Plan {
        devices = List.copyOf(devices);
        tables = Map.copyOf(tables);
        attempts = List.copyOf(attempts);
    }
}
