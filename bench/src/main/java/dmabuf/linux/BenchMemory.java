// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.spi.MemoryService;
import java.lang.reflect.Proxy;
import org.osgi.service.log.Logger;

/** Opens the memory service of this machine for the measurements. */
public final class BenchMemory {
    private static final long CAPACITY = 4L << 30;

    private BenchMemory() {}

    /** Opens a service. */
    public static MemoryService open() {
        Logger silent = (Logger) Proxy.newProxyInstance(
                Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (_, _, _) -> null);
        return new NativeMemory(new CLibrary(), CAPACITY, silent);
    }
}
