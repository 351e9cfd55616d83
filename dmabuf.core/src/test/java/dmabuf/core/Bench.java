// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.BufferRequest;
import dmabuf.api.Device;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Exporter;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.MemoryService;
import dmabuf.linux.NativeMemory;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.osgi.service.log.Logger;

/** A sandbox on the machine's memory, with short words for what tests do all the time. */
final class Bench implements AutoCloseable {
    static final long PAGE = 4096;
    static final long KIB = 1024;
    static final long MIB = 1024 * KIB;

    final MemoryService memory;
    final CoreSandbox sandbox;
    final Exporter exporter;

    Bench() {
        this(Settings.DEFAULT);
    }

    Bench(Settings settings) {
        this(settings, UnaryOperator.identity());
    }

    /** Opens a sandbox on what is put in the place of the machine's memory. */
    Bench(Settings settings, UnaryOperator<MemoryService> machine) {
        memory = machine.apply(new NativeMemory(Map.of(), silent()));
        sandbox = new CoreSandbox(memory, settings, _ -> {});
        exporter = sandbox.exporter("app");
    }

    private static Logger silent() {
        return (Logger) Proxy.newProxyInstance(
                Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (_, _, _) -> null);
    }

    /** Adds a device with constraints in words, for example {@code "maxSegments=1 align=64K"}. */
    Bench device(String name, String constraints) {
        sandbox.addDevice(Device.of(name, List.of(path(constraints))), Map.of());
        return this;
    }

    static DmaPath path(String constraints) {
        return DmaPath.of(DmaConstraints.parse(constraints));
    }

    Bench devices(String... names) {
        for (String name : names) {
            device(name, "");
        }
        return this;
    }

    /** Adds a pool of 16 MiB; pools of different bases do not overlap. */
    PoolAllocator pool(String id, int priority, long base) {
        return pool(id, priority, base, 16 * MIB);
    }

    PoolAllocator pool(String id, int priority, long base, long byteSize) {
        PoolAllocator allocator = new PoolAllocator(base, byteSize);
        sandbox.addAllocator(AllocatorSpec.of(id, "scripted", priority), allocator);
        return allocator;
    }

    DmaBuf buffer(long byteSize) {
        return exporter.create(BufferRequest.ofSize(byteSize).withName("frame"));
    }

    /** Returns the refusal that an action ends in. */
    static DmaBufException refusal(ThrowingCallable action) {
        return Assertions.catchThrowableOfType(DmaBufException.class, action);
    }

    /** Returns whether an action ends in no refusal. */
    static boolean isGiven(Runnable action) {
        try {
            action.run();
            return true;
        } catch (DmaBufException _) {
            return false;
        }
    }

    @Override
    public void close() {
        sandbox.close();
        Assertions.assertThat(memory.inUse()).as("bytes that are still out").isZero();
    }
}
