// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.Sandbox;
import java.time.Duration;
import java.util.OptionalLong;

/** Opens cores for the rows, whose deadlines a loaded machine does not pass. */
public final class OpenCore {
    private static final Duration LONG = Duration.ofSeconds(30);

    private OpenCore() {}

    /** Opens a core of its own on a memory service. */
    public static Sandbox over(MemoryService memory) {
        return new CoreSandbox(memory, new Settings(LONG, LONG, OptionalLong.empty()), _ -> {});
    }
}
