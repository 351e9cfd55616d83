// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.MemoryService;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/** A machine on which one call of the memory service fails. */
final class FailingMemory {
    private FailingMemory() {}

    /** Fails always. */
    static UnaryOperator<MemoryService> at(String call) {
        return at(call, () -> true);
    }

    /** Fails while something holds. */
    static UnaryOperator<MemoryService> at(String call, BooleanSupplier when) {
        return real -> (MemoryService) Proxy.newProxyInstance(
                MemoryService.class.getClassLoader(), new Class<?>[] {MemoryService.class}, (_, method, arguments) -> {
                    if (method.getName().equals(call) && when.getAsBoolean()) {
                        throw new DmaBufException(Reason.ACCESS, "no " + call);
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
