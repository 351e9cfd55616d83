// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.CpuMode;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** A machine with heaps, whose dma-bufs are memfds in truth. */
final class HeapMachine {
    private HeapMachine() {}

    /** Returns a memory service in the place of a real one. */
    static MemoryService over(MemoryService real) {
        return (MemoryService) Proxy.newProxyInstance(
                MemoryService.class.getClassLoader(), new Class<?>[] {MemoryService.class}, (_, method, arguments) ->
                        switch (method.getName()) {
                            case "allocate" ->
                                new Told(
                                        real.memfd((long) arguments[1], (String) arguments[2]), arguments[0].toString());
                            case "owns" -> real.owns(((Told) arguments[0]).real);
                            case "copy" -> {
                                real.copy(((Told) arguments[0]).real, ((Told) arguments[1]).real);
                                yield null;
                            }
                            default -> {
                                try {
                                    yield method.invoke(real, arguments);
                                } catch (InvocationTargetException e) {
                                    throw e.getCause();
                                }
                            }
                        });
    }

    private record Told(Memory real, String source) implements Memory {
        @Override
        public boolean isDmaBuf() {
            return !source.equals("memfd");
        }

        @Override
        public long byteSize() {
            return real.byteSize();
        }

        @Override
        public MemorySegment view(long byteOffset, long byteSize, CpuMode mode, Arena arena) {
            return real.view(byteOffset, byteSize, mode, arena);
        }

        @Override
        public boolean isVacant() {
            return real.isVacant();
        }

        @Override
        public int duplicateDescriptor() {
            return real.duplicateDescriptor();
        }

        @Override
        public void close() {
            real.close();
        }
    }
}
