// SPDX-License-Identifier: Apache-2.0
package itests.bundles.frames;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Exporter;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.StorageFile;
import dmabuf.api.UserMapping;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Buffers in every kind of use, by threads that stay inside; then what each of them met. */
final class InUse {
    private static final int SIZE = 100_000;

    private final List<Thread> threads = new ArrayList<>();
    private final List<Runnable> calls = new ArrayList<>();
    private final List<AutoCloseable> handles = new ArrayList<>();
    private final Queue<String> wrong = new ConcurrentLinkedQueue<>();
    private final CountDownLatch inside = new CountDownLatch(7);
    private volatile boolean over;

    /** Returns how many threads are inside. */
    int enter(Exporter exporter, String camera) {
        DmaBuf frame = exporter.create(BufferRequest.ofSize(SIZE));
        Attachment attachment = frame.attach(camera);
        Mapping mapping = attachment.map(Direction.BIDIRECTIONAL);
        StorageFile file = mapping.openFile();
        UserMapping view = frame.mapForUser(CpuRequest.of(CpuMode.READ_WRITE));
        handles.addAll(List.of(file, mapping, view, attachment, frame));
        calls.addAll(List.of(
                mapping::table, mapping::openFile, file::descriptor, view::begin, frame::move, exporter::buffers,
                () -> attachment.map(Direction.TO_DEVICE), () -> frame.attach(camera),
                () -> frame.beginCpuAccess(CpuMode.READ), () -> exporter.create(BufferRequest.ofSize(1)),
                () -> exporter.open(frame.id())));
        stayInside(frame, CpuRequest.of(CpuMode.READ));
        stayInside(frame, CpuRequest.of(CpuMode.READ_WRITE));
        stayInside(frame, CpuRequest.of(CpuMode.READ).withShared());
        stayInside(frame, CpuRequest.of(CpuMode.READ_WRITE).withShared());
        goOn(() -> view.begin().close());
        goOn(() -> oneFrame(exporter, camera));
        start(() -> {
            frame.beginCpuAccess(CpuMode.WRITE).segment().fill((byte) 1);
            inside.countDown(); // and never closes it
        });
        await();
        return threads.size();
    }

    private void await() {
        try {
            if (!inside.await(60, TimeUnit.SECONDS)) {
                throw new IllegalStateException("not all came inside: " + wrong);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void stayInside(DmaBuf frame, CpuRequest request) {
        start(() -> {
            CpuAccess access = frame.beginCpuAccess(request);
            MemorySegment segment = access.segment();
            inside.countDown();
            try {
                while (!over) {
                    if (request.mode().writes()) segment.fill((byte) 2);
                    else segment.toArray(ValueLayout.JAVA_BYTE);
                }
            } catch (IllegalStateException e) {
                if (segment.scope().isAlive()) wrong.add("an open segment answered " + e);
            }
            isGone(access::segment);
            access.close();
        });
    }

    private static void oneFrame(Exporter exporter, String camera) {
        try (DmaBuf frame = exporter.create(BufferRequest.ofSize(SIZE));
                Attachment attachment = frame.attach(camera);
                Mapping mapping = attachment.map(Direction.TO_DEVICE)) {
            mapping.table();
            frame.beginCpuAccess(CpuMode.WRITE).close();
        }
    }

    /** Calls until it is GONE; allocators and devices may leave before the core does, with a reason of their own. */
    private void goOn(Runnable call) {
        start(() -> {
            call.run();
            inside.countDown();
            @Nullable Reason reason = null;
            while (reason != Reason.GONE && !over) {
                try {
                    call.run();
                } catch (DmaBufException e) {
                    reason = e.reason();
                }
            }
            isGone(call);
        });
    }

    private void start(Runnable body) {
        Thread thread = new Thread(() -> {
            try {
                body.run();
            } catch (Throwable e) {
                wrong.add("a thread met " + text(e));
            }
        });
        threads.add(thread);
        thread.start();
    }

    private void isGone(Runnable call) {
        try {
            call.run();
            wrong.add("a call went through");
        } catch (DmaBufException e) {
            if (e.reason() != Reason.GONE) wrong.add("not GONE: " + text(e));
        } catch (Throwable e) {
            wrong.add("not documented: " + text(e));
        }
    }

    private static String text(Throwable thrown) {
        StackTraceElement[] trace = thrown.getStackTrace();
        return thrown + (trace.length == 0 ? "" : " at " + trace[0]);
    }

    /** Ends all use; returns what was not as documented. */
    List<String> leave() {
        over = true;
        for (Thread thread : threads) {
            try {
                thread.join(60_000);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            if (thread.isAlive()) wrong.add("a thread does not come back");
        }
        calls.forEach(this::isGone);
        for (AutoCloseable handle : handles) {
            try {
                handle.close();
                handle.close();
            } catch (Throwable e) {
                wrong.add("closing is not harmless: " + text(e));
            }
        }
        return List.copyOf(wrong);
    }
}
