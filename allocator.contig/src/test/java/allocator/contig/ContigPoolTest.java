// SPDX-License-Identifier: Apache-2.0
package allocator.contig;

import static org.assertj.core.api.Assertions.assertThat;

import doubles.NoLog;
import doubles.PageSize;
import doubles.RegistryDouble;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ContigPoolTest {
    @Test
    void aConfigurationIsAServiceUntilItGoes() {
        RegistryDouble registry = new RegistryDouble();
        ContigPool pool = new ContigPool(
                registry.context(), new PageSize(4096), NoLog.LOGGER, Map.of("id", "cma", "base", "0x40000000", "size", "16M"));
        assertThat(registry.only("Allocator").properties)
                .containsEntry("dmabuf.allocator.id", "cma")
                .containsEntry("dmabuf.allocator.type", "contig")
                .containsEntry("dmabuf.allocator.priority", 100)
                .doesNotContainKey("dmabuf.allocator.pool");
        pool.configure(Map.of("id", "cma", "base", "0x40000000", "size", "16M", "priority", 7, "pool", "cma"));
        assertThat(registry.only("Allocator").properties)
                .containsEntry("dmabuf.allocator.priority", 7)
                .containsEntry("dmabuf.allocator.pool", "cma");
        pool.stop();
        assertThat(registry.events)
                .containsExactly("registered Allocator", "changed Allocator", "unregistered Allocator");
    }
}
