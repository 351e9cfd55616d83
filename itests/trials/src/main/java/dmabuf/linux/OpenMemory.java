// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.DmaBufException;
import dmabuf.api.spi.MemoryService;
import java.lang.reflect.Proxy;
import org.osgi.service.log.Logger;
import trials.core.Wrap;

/** Opens the memory service of this machine for the rows, with something between it and its system calls. */
public final class OpenMemory {
    private static final long CAPACITY = 2L << 30;

    private OpenMemory() {}

    /** Opens a service. */
    public static MemoryService with(Wrap wrap) {
        return new NativeMemory(wrap.around(SystemCalls.class, new CLibrary()), CAPACITY, silent());
    }

    /** Returns what a call throws that fails with an errno. */
    public static DmaBufException failure(String call, int errno) {
        return Errno.failure(call, errno);
    }

    private static Logger silent() {
        return (Logger) Proxy.newProxyInstance(
                Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (_, _, _) -> null);
    }
}
