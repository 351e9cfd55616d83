// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.Sandbox;
import dmabuf.linux.NativeMemory;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import org.osgi.service.log.Logger;

/** Opens the core to checkers of other packages. */
public final class CoreDoor {
    private static final long CAP = 4L << 20;

    private CoreDoor() {}

    /** Reads the core's configuration. */
    public static void read(Map<String, Object> configuration) {
        Settings.of(configuration);
    }

    /** Returns a door to the machine's memory that says nothing. */
    public static MemoryService memory() {
        Logger silent = (Logger) Proxy.newProxyInstance(
                Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (_, _, _) -> null);
        return new NativeMemory(Map.of(), silent);
    }

    /** Opens a small sandbox. */
    public static Sandbox sandbox(MemoryService memory) {
        Settings settings = new Settings(Duration.ofSeconds(20), Duration.ZERO, OptionalLong.of(CAP));
        return new CoreSandbox(memory, settings, _ -> {});
    }
}
