// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.BoardReader;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.SandboxFactory;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What scenarios run on.
 *
 * @param sandboxes opens the real core, empty
 * @param memory the door to real memory
 * @param boards reads device trees
 * @param factories makes the real allocators, by type
 */
public record ScenarioServices(
        SandboxFactory sandboxes, MemoryService memory, BoardReader boards, Map<String, AllocatorFactory> factories) {
    /** Copies the map. */
    public ScenarioServices {
        factories = Map.copyOf(factories);
    }

    Optional<AllocatorFactory> factory(String type) {
        return Optional.ofNullable(factories.get(type));
    }

    /** Returns what to say when nobody makes allocators of a type. */
    String missing(String type) {
        return "nobody makes allocators of type " + type + ", only of " + new TreeSet<>(factories.keySet())
                + ": is the bundle allocator." + type + " started?";
    }
}
