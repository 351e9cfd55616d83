// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.spi.MemoryService;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** A memory service during whose calls something else happens: what a test says, once, before the next call of a name. */
final class EventfulMachine {
    private final Map<String, Runnable> events = new ConcurrentHashMap<>();

    void before(String call, Runnable event) {
        events.put(call, event);
    }

    MemoryService over(MemoryService real) {
        return (MemoryService) Proxy.newProxyInstance(
                MemoryService.class.getClassLoader(), new Class<?>[] {MemoryService.class}, (_, method, arguments) -> {
                    Runnable event = events.remove(method.getName());
                    if (event != null) {
                        event.run();
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
