// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Exporter;
import dmabuf.api.Reason;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.MemorySource;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Every CPU access is bracketed once, in its own direction, however it ends. */
class CacheSyncTest {
    private final Bench bench = new Bench();
    private final List<String> calls = new CopyOnWriteArrayList<>();
    private final CoreSandbox sandbox = new CoreSandbox(listening(bench.memory), Settings.DEFAULT, _ -> {});
    private final Exporter exporter = sandbox.exporter("app");
    private boolean fails;

    CacheSyncTest() {
        sandbox.addAllocator(AllocatorSpec.of("pool", "scripted", 0), new PoolAllocator(0x4000_0000L, Bench.MIB));
    }

    @AfterEach
    void nothingIsLeft() {
        sandbox.close();
        bench.close();
    }

    @Test
    void anAccessIsBracketedInItsDirection() {
        DmaBuf frame = exporter.create(BufferRequest.ofSize(100));
        try (CpuAccess outer = frame.beginCpuAccess(CpuMode.READ);
                CpuAccess inner = frame.beginCpuAccess(CpuMode.READ_WRITE)) {
            assertThat(calls).containsExactly("begin READ", "begin READ_WRITE");
            assertThat(inner.segment().byteSize()).isEqualTo(outer.segment().byteSize());
        }
        assertThat(calls).containsExactly("begin READ", "begin READ_WRITE", "end READ_WRITE", "end READ");
    }

    @Test
    void anAccessThatEndsByForceIsBracketedToo() {
        DmaBuf frame = exporter.create(BufferRequest.ofSize(100));
        frame.beginCpuAccess(CpuRequest.of(CpuMode.WRITE).withShared());
        sandbox.removeOwner("app");
        assertThat(calls).containsExactly("begin WRITE", "end WRITE");
    }

    @Test
    void whatTheKernelRefusesBeginsNothing() {
        DmaBuf frame = exporter.create(BufferRequest.ofSize(100));
        fails = true;
        assertThat(Bench.refusal(() -> frame.beginCpuAccess(CpuMode.WRITE))).hasMessageContaining("EIO");
        assertThat(frame.info().cpuAccesses()).isZero();
        fails = false;
        frame.beginCpuAccess(CpuMode.WRITE).close();
        assertThat(calls).containsExactly("begin WRITE", "end WRITE");
    }

    /** The memory service, whose memory also tells what it is asked for. */
    private MemoryService listening(MemoryService real) {
        return (MemoryService) Proxy.newProxyInstance(
                MemoryService.class.getClassLoader(), new Class<?>[] {MemoryService.class}, (_, method, arguments) ->
                        switch (method.getName()) {
                            case "allocate" ->
                                new Told(real.allocate(
                                        (MemorySource) arguments[0], (long) arguments[1], (String) arguments[2]));
                            case "owns" -> real.owns(((Told) arguments[0]).real);
                            default -> {
                                try {
                                    yield method.invoke(real, arguments);
                                } catch (InvocationTargetException e) {
                                    throw e.getCause();
                                }
                            }
                        });
    }

    private final class Told implements Memory {
        private final Memory real;

        Told(Memory real) {
            this.real = real;
        }

        @Override
        public void beginCpuAccess(CpuMode mode) {
            if (fails) {
                throw new DmaBufException(Reason.ACCESS, "ioctl: EIO");
            }
            calls.add("begin " + mode);
        }

        @Override
        public void endCpuAccess(CpuMode mode) {
            calls.add("end " + mode);
        }

        @Override
        public long byteSize() {
            return real.byteSize();
        }

        @Override
        public String source() {
            return real.source();
        }

        @Override
        public MemorySegment view(long byteOffset, long byteSize, CpuMode mode, Arena arena) {
            return real.view(byteOffset, byteSize, mode, arena);
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
