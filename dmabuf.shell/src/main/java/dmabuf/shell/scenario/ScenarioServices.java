// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.BoardReader;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.SandboxFactory;
import java.util.Map;

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
}
