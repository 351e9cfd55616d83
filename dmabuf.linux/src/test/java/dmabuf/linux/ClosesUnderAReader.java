// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import dmabuf.api.CpuMode;
import dmabuf.api.spi.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/** A program that closes memory and then reads on in it; told to {@code unmap}, its pages are taken without others. */
final class ClosesUnderAReader {
    /** Large, and read at its beginning: what the virtual machine itself maps next into the hole lies at the end of it. */
    private static final long BYTES = 8 << 20;

    private ClosesUnderAReader() {}

    static void main(String[] arguments) {
        boolean exchanging = arguments[0].equals("exchange");
        CLibrary calls = new CLibrary();
        Memory memory = new NativeMemory(exchanging ? calls : unmapping(calls), 2 * BYTES, new RecordedLog().logger())
                .memfd(BYTES, "under-a-reader");
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment view = memory.view(0, BYTES, CpuMode.READ, arena);
            memory.close();
            System.exit(view.get(ValueLayout.JAVA_BYTE, 0));
        }
    }

    private static SystemCalls unmapping(CLibrary calls) {
        return (SystemCalls) Proxy.newProxyInstance(
                SystemCalls.class.getClassLoader(), new Class<?>[] {SystemCalls.class}, (_, method, values) -> {
                    if (method.getName().equals("mmapPrivateOver")) {
                        calls.munmap((long) values[0], (long) values[1]);
                        return null;
                    }
                    try {
                        return method.invoke(calls, values);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
