// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.CpuMode;
import dmabuf.api.DmaBufException;
import dmabuf.api.Explanation;
import dmabuf.api.FenceUsage;
import dmabuf.api.Reason;
import dmabuf.api.spi.KernelFence;
import dmabuf.api.spi.Memory;
import dmabuf.api.spi.MemoryService;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/** A machine with drivers that work on its memory when a test says so; its dma-bufs and sync_files are memfds in truth. */
final class BusyMachine {
    /** What was told to drivers, and begun. */
    final List<String> calls = new CopyOnWriteArrayList<>();

    private final Set<FenceUsage> work = EnumSet.noneOf(FenceUsage.class);
    private boolean signalled;
    private Optional<Explanation> error = Optional.empty();
    private int openFences;
    private int waits;

    /** Lets drivers begin work. */
    synchronized void begin(FenceUsage usage) {
        work.add(usage);
    }

    /** Lets drivers end all work. */
    synchronized void end() {
        work.clear();
        notifyAll();
    }

    /** Signals every sync_file. */
    synchronized void signal(Optional<Explanation> failure) {
        error = failure;
        signalled = true;
        notifyAll();
    }

    /** Returns how often somebody has waited for a sync_file. */
    synchronized int waits() {
        return waits;
    }

    synchronized int openFences() {
        return openFences;
    }

    MemoryService over(MemoryService real) {
        return (MemoryService) Proxy.newProxyInstance(
                MemoryService.class.getClassLoader(), new Class<?>[] {MemoryService.class}, (_, method, arguments) ->
                        switch (method.getName()) {
                            case "allocate" -> new Busy(real.memfd((long) arguments[1], (String) arguments[2]));
                            case "owns" -> real.owns(((Busy) arguments[0]).real);
                            case "copy" -> {
                                real.copy(((Busy) arguments[0]).real, ((Busy) arguments[1]).real);
                                yield null;
                            }
                            case "openSyncFile" -> open();
                            default -> {
                                try {
                                    yield method.invoke(real, arguments);
                                } catch (InvocationTargetException e) {
                                    throw e.getCause();
                                }
                            }
                        });
    }

    private synchronized KernelFence open() {
        openFences++;
        return new SignalledByTest();
    }

    private synchronized boolean await(FenceUsage usage, Duration limit) {
        if (isInTheWay(usage) && limit.isPositive()) {
            sleep(limit);
        }
        return !isInTheWay(usage);
    }

    private boolean isInTheWay(FenceUsage usage) {
        return work.stream().anyMatch(usage::waitsFor);
    }

    @SuppressWarnings("WaitNotInLoop") // may end early, as poll(2) does
    private void sleep(Duration limit) {
        try {
            wait(limit.toMillis());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean awaitSignal(Duration limit) {
        waits++;
        if (!signalled) {
            sleep(limit);
        }
        return signalled;
    }

    private synchronized void closed() {
        openFences--;
    }

    private final class SignalledByTest implements KernelFence {
        @Override
        public boolean await(Duration limit) {
            return awaitSignal(limit);
        }

        @Override
        public Optional<Explanation> error() {
            return error;
        }

        @Override
        public void importInto(Memory memory, FenceUsage usage) {
            calls.add("import " + usage);
        }

        @Override
        public void close() {
            closed();
        }
    }

    private final class Busy implements Memory {
        private final Memory real;
        private volatile boolean closed;

        Busy(Memory real) {
            this.real = real;
        }

        @Override
        public boolean isDmaBuf() {
            return true;
        }

        @Override
        public boolean awaitDrivers(FenceUsage usage, Duration limit) {
            if (closed) {
                throw new DmaBufException(Reason.GONE, "the memory is closed");
            }
            return await(usage, limit);
        }

        @Override
        public int exportSyncFile(FenceUsage usage) {
            calls.add("export " + usage);
            return real.duplicateDescriptor();
        }

        @Override
        public void beginCpuAccess(CpuMode mode) {
            calls.add("begin " + mode);
        }

        @Override
        public long byteSize() {
            return real.byteSize();
        }

        @Override
        public String source() {
            return "heap:busy";
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
            closed = true;
            real.close();
        }
    }
}
