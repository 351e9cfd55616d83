// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dmabuf.api.Attachment;
import dmabuf.api.AttachmentInfo;
import dmabuf.api.BufferFlags;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.BufferState;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Exporter;
import dmabuf.api.MapRequest;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.StorageFile;
import dmabuf.api.UserMapping;
import dmabuf.api.spi.AllocatorSpec;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The rules of the life of a buffer, one by one. */
class LifeCycleTest {
    private static final long BASE = 0x4000_0000L;

    private final Bench bench = new Bench().devices("cam", "codec");
    private final PoolAllocator pool = bench.pool("pool", 0, BASE);

    @AfterEach
    void nothingIsLeft() {
        bench.close();
        assertThat(pool.statistics().live()).isZero();
    }

    @Test
    void aPlaceThatWasGivenBackIsGivenAgain() {
        for (int i = 0; i < 2; i++) {
            try (DmaBuf frame = bench.buffer(4096)) {
                Attachment cam = frame.attach("cam");
                Mapping mapping = cam.map(Direction.TO_DEVICE);
                assertThat(mapping.table().contiguousAddress()).hasValue(BASE);
                mapping.close();
                cam.close();
            }
        }
    }

    /** It may give them out again before it even returns: the core must not take that for an overlap. */
    @Test
    void theAddressesAreFreeBeforeTheirAllocatorHearsOfIt() throws Exception {
        Attachment next = bench.buffer(4096).attach("cam");
        CompletableFuture<Mapping> mapped = new CompletableFuture<>();
        pool.releasing = allocation -> {
            pool.releasing = _ -> {};
            pool.free(allocation.segments().getFirst());
            mapped.complete(next.map(Direction.TO_DEVICE));
        };
        DmaBuf frame = bench.buffer(4096);
        frame.beginCpuAccess(CpuMode.WRITE).close();
        frame.close();
        assertThat(mapped.get(60, TimeUnit.SECONDS).table().contiguousAddress()).hasValue(BASE);
    }

    @Test
    void creatingUsesNoMemoryAndReportsTheSizeAskedFor() {
        DmaBuf frame = bench.exporter.create(BufferRequest.ofSize(5000).withFlags(List.of(BufferFlags.CACHED)));
        BufferInfo info = frame.info();
        assertThat(info.byteSize()).isEqualTo(5000);
        assertThat(frame.byteSize()).isEqualTo(5000);
        assertThat(info.storageSize()).isZero();
        assertThat(info.name()).as("the creator's name").isEqualTo("app");
        assertThat(info.owner()).isEqualTo("app");
        assertThat(info.constraints()).isEqualTo(DmaConstraints.NEUTRAL);
        assertThat(info.references()).isEqualTo(1);
        assertThat(bench.memory.inUse()).isZero();
    }

    @Test
    void aLongOwnerGivesAShortName() {
        Exporter other = bench.sandbox.exporter("org.example.a.very.long.symbolic.name");
        assertThat(other.create(BufferRequest.ofSize(1)).info().name()).isEqualTo("org.example.a.very.long.symboli");
    }

    @Test
    void anUnknownFlagIsRefused() {
        DmaBufException refusal = Bench.refusal(
                () -> bench.exporter.create(BufferRequest.ofSize(1).withFlags(List.of("TILED"))));
        assertThat(refusal.reason()).isEqualTo(Reason.INVALID);
        assertThat(refusal).hasMessage("flag TILED is known neither to the runtime nor to an allocator");
    }

    @Test
    void aFlagIsAcceptedWhileAnAllocatorIsThereThatKnowsIt() {
        BufferRequest tiled = BufferRequest.ofSize(1).withFlags(List.of("TILED"));
        bench.sandbox.addAllocator(
                AllocatorSpec.from(Map.of("dmabuf.allocator.id", "tiler", "dmabuf.allocator.flags", List.of("LINEAR", "TILED"))),
                new PoolAllocator(0x7000_0000L, 4096));
        bench.exporter.create(tiled).close();
        bench.sandbox.removeAllocator("tiler");
        assertThat(Bench.refusal(() -> bench.exporter.create(tiled)).reason()).isEqualTo(Reason.INVALID);
    }

    @Test
    void severalAttachAllOrNothing() {
        bench.device("odd", "range=0x0..0xfff");
        DmaBuf frame = bench.buffer(8192);
        BufferInfo before = frame.info();
        assertThat(Bench.refusal(() -> frame.attach(List.of("cam", "odd"))).reason()).isEqualTo(Reason.INCOMPATIBLE);
        assertThat(frame.info()).usingRecursiveComparison().ignoringFields("lastRefusal").isEqualTo(before);
        assertThat(frame.attach(List.of("codec", "cam"))).extracting(Attachment::device).containsExactly("codec", "cam");
        assertThat(frame.info().attachments()).extracting(AttachmentInfo::device).containsExactly("cam", "codec");
        assertThat(frame.attach(List.of())).isEmpty();
    }

    @Test
    void nobodyIsAttachedTwice() {
        DmaBuf frame = bench.buffer(4096);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> frame.attach(List.of("cam", "codec", "cam")))
                .withMessage("device cam is named twice");
        assertThat(frame.info().attachments()).isEmpty();
        frame.attach("cam");
        assertThatIllegalStateException()
                .isThrownBy(() -> frame.attach(List.of("codec", "cam")))
                .withMessage("device cam is attached to buffer frame already");
        assertThat(frame.info().attachments()).extracting(AttachmentInfo::device).containsExactly("cam");
    }

    @Test
    void attachmentsKeepTheBufferAliveWithoutAReference() {
        DmaBuf frame = bench.buffer(4096);
        Attachment cam = frame.attach("cam");
        frame.close();
        assertThat(Bench.refusal(() -> frame.attach("codec")).reason()).isEqualTo(Reason.GONE);
        assertThat(Bench.refusal(() -> frame.attach(List.of())).reason()).isEqualTo(Reason.GONE);
        assertThat(Bench.refusal(frame::byteSize)).hasMessage("this reference to buffer frame is closed");
        Mapping mapping = cam.map(Direction.TO_DEVICE);
        assertThat(frame.info().state()).isEqualTo(BufferState.BACKED);
        mapping.close();
        assertThat(pool.releases).hasValue(0);
        cam.close();
        assertThat(pool.releases).hasValue(1);
        assertThat(frame.info().state()).isEqualTo(BufferState.RELEASED);
    }

    @Test
    void aUserMappingKeepsTheBufferAlive() {
        DmaBuf frame = bench.buffer(4096);
        UserMapping view = frame.mapForUser(CpuRequest.of(CpuMode.READ_WRITE));
        frame.close();
        try (var access = view.begin()) {
            access.segment().set(ValueLayout.JAVA_BYTE, 0, (byte) 1);
        }
        assertThat(frame.info().userMappings()).isEqualTo(1);
        view.close();
        assertThat(frame.info().state()).isEqualTo(BufferState.RELEASED);
        assertThat(Bench.refusal(view::begin)).hasMessage("the user mapping of buffer frame has ended");
    }

    @Test
    void detachingWhileMappedIsBusyAndNamesTheDevice() {
        DmaBuf frame = bench.buffer(4096);
        Attachment cam = frame.attach("cam");
        Mapping mapping = cam.map(Direction.TO_DEVICE);
        DmaBufException refusal = Bench.refusal(cam::close);
        assertThat(refusal.reason()).isEqualTo(Reason.BUSY);
        assertThat(refusal.explanation().blames()).extracting(Object::toString).containsExactly("cam");
        assertThat(refusal).hasMessage("device cam is mapped: unmap before it detaches from buffer frame");
        assertThat(frame.info().lastRefusal()).contains(refusal.explanation());
        mapping.close();
        cam.close();
        cam.close();
        assertThat(Bench.refusal(() -> cam.map(Direction.TO_DEVICE)))
                .hasMessage("device cam is detached from buffer frame");
        assertThat(Bench.refusal(mapping::table).reason()).isEqualTo(Reason.GONE);
    }

    @Test
    void storageStaysWhenTheLastDeviceDetaches() {
        DmaBuf frame = bench.buffer(4096);
        Attachment cam = frame.attach("cam");
        cam.map(Direction.TO_DEVICE).close();
        cam.close();
        assertThat(frame.info().state()).isEqualTo(BufferState.BACKED);
        frame.attach("codec").map(Direction.TO_DEVICE);
        assertThat(pool.requests).hasValue(1);
    }

    @Test
    void aBufferIsOpenedByItsIdAndEachReferenceIsClosedByItself() {
        Exporter other = bench.sandbox.exporter("viewer");
        DmaBuf frame = bench.buffer(4096);
        DmaBuf opened = other.open(frame.id());
        DmaBuf shared = other.share(frame);
        assertThat(frame.info().references()).isEqualTo(3);
        frame.close();
        opened.close();
        opened.close();
        assertThat(shared.info().references()).isEqualTo(1);
        shared.close();
        assertThat(Bench.refusal(() -> other.open(frame.id())))
                .hasMessage("buffer " + frame.id() + " is released");
        assertThat(Bench.refusal(() -> other.open(frame.id())).reason()).isEqualTo(Reason.GONE);
        assertThat(Bench.refusal(() -> other.open(4711))).hasMessage("there never was a buffer 4711");
        assertThat(Bench.refusal(() -> other.open(4711)).reason()).isEqualTo(Reason.INVALID);
        assertThat(Bench.refusal(() -> other.share(shared)).reason()).isEqualTo(Reason.GONE);
    }

    @Test
    void aFailedFirstMapLeavesTheStateAsItWas() {
        DmaBuf frame = bench.buffer(4096);
        Attachment cam = frame.attach("cam");
        BufferInfo before = frame.info();
        pool.allocating = _ -> {
            throw new IllegalStateException("broken");
        };
        DmaBufException refusal = Bench.refusal(() -> cam.map(Direction.TO_DEVICE));
        assertThat(refusal.reason()).isEqualTo(Reason.NO_ALLOCATOR);
        assertThat(refusal)
                .hasMessage("no storage for buffer frame: pool allocator pool threw java.lang.IllegalStateException: broken");
        assertThat(refusal.explanation().blames()).extracting(Object::toString).containsExactly("pool");
        assertThat(frame.info()).usingRecursiveComparison().ignoringFields("lastRefusal", "lastDecision").isEqualTo(before);
        pool.allocating = pool::lowest;
        assertThat(cam.map(Direction.TO_DEVICE).allocator()).isEqualTo("pool");
    }

    @Test
    void aTryNeverWaitsForTheAllocationOfAnother() throws InterruptedException, ExecutionException {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        pool.allocating = request -> {
            asked.countDown();
            Waiting.on(answer);
            return pool.lowest(request);
        };
        DmaBuf frame = bench.buffer(4096);
        Attachment cam = frame.attach("cam");
        try (ExecutorService threads = Executors.newFixedThreadPool(1)) {
            Future<Mapping> first = threads.submit(() -> cam.map(Direction.TO_DEVICE));
            Waiting.on(asked);
            DmaBufException refusal =
                    Bench.refusal(() -> cam.map(MapRequest.of(Direction.TO_DEVICE).withTrying()));
            assertThat(refusal.reason()).isEqualTo(Reason.BUSY);
            assertThat(refusal).hasMessage("another call is at work on buffer frame");
            assertThat(frame.info().state()).as("a picture does not wait either").isEqualTo(BufferState.DEFERRED);
            answer.countDown();
            first.get().close();
        }
    }

    @Test
    void whoWaitsTooLongForAnotherIsTimedOut() throws InterruptedException {
        DmaBuf frame = bench.buffer(4096);
        BufferLock lock = ((BufferReference) frame).buffer().lock();
        CountDownLatch taken = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        Thread other = Thread.ofPlatform().start(() -> {
            lock.enter();
            taken.countDown();
            Waiting.on(over);
            lock.leave();
        });
        Waiting.on(taken);
        bench.sandbox.core().configure(Settings.of(Map.of("foreignDeadlineMillis", 1)));
        DmaBufException refusal = Bench.refusal(() -> frame.attach("cam"));
        bench.sandbox.core().configure(Settings.DEFAULT);
        over.countDown();
        other.join();
        assertThat(refusal.reason()).isEqualTo(Reason.TIMED_OUT);
        assertThat(refusal).hasMessage("another call is at work on buffer frame for too long");
    }

    /** A call waits for another one on its buffer however often its thread is interrupted, which that learns afterwards. */
    @Test
    void anInterruptDoesNotEndTheWaitForAnother() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch answer = new CountDownLatch(1);
        pool.allocating = request -> {
            asked.countDown();
            Waiting.on(answer);
            return pool.lowest(request);
        };
        DmaBuf frame = bench.buffer(4096);
        Attachment cam = frame.attach("cam");
        Thread first = Thread.ofPlatform().start(() -> cam.map(Direction.TO_DEVICE));
        Waiting.on(asked);
        Waiter<Boolean> second = Waiter.of(() -> {
            cam.map(Direction.TO_DEVICE);
            return Thread.interrupted();
        });
        second.thread().interrupt();
        answer.countDown();
        assertThat(second.answer()).isTrue();
        first.join();
    }

    @Test
    void aFileOfTheStorageHoldsTheBytesWhereTheTableSays() throws IOException {
        DmaBuf frame = bench.buffer(4096);
        Mapping mapping = frame.attach("cam").map(Direction.TO_DEVICE);
        try (var access = frame.beginCpuAccess(CpuMode.WRITE)) {
            access.segment().set(ValueLayout.JAVA_BYTE, 100, (byte) 42);
        }
        StorageFile file = mapping.openFile();
        assertThat(file.extents()).singleElement().satisfies(extent -> {
            assertThat(extent.physical().address()).isEqualTo(BASE);
            assertThat(extent.fileOffset()).isZero();
        });
        assertThat(Files.readAllBytes(file.path())[100]).isEqualTo((byte) 42);
        file.close();
        file.close();
        assertThat(Bench.refusal(file::descriptor).reason()).isEqualTo(Reason.GONE);
        assertThat(Bench.refusal(frame::move).reason()).as("the mapping holds it").isEqualTo(Reason.BUSY);
        mapping.close();
        frame.move();
    }

    @Test
    void aFileBelongsToItsMapping() {
        DmaBuf frame = bench.buffer(4096);
        Mapping mapping = frame.attach("cam").map(Direction.TO_DEVICE);
        List<StorageFile> files = List.of(mapping.openFile(), mapping.openFile());
        List<Path> paths = files.stream().map(StorageFile::path).toList();
        assertThat(paths).allMatch(Files::exists);
        mapping.close();
        assertThat(paths).noneMatch(Files::exists);
        files.forEach(file -> assertThat(Bench.refusal(file::descriptor).reason()).isEqualTo(Reason.GONE));
        files.forEach(StorageFile::close);
        frame.move();
    }

    @Test
    void movingKeepsTheContents() {
        DmaBuf frame = bench.buffer(3 * 4096);
        frame.attach("cam");
        try (var access = frame.beginCpuAccess(CpuMode.WRITE)) {
            access.segment().fill((byte) 9);
        }
        PoolAllocator better = bench.pool("better", 9, 0x8000_0000L);
        frame.move();
        assertThat(frame.info().allocator()).hasValue("better");
        assertThat(frame.info().moves()).isEqualTo(1);
        assertThat(pool.releases).hasValue(1);
        try (var access = frame.beginCpuAccess(CpuMode.READ)) {
            assertThat(access.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly((byte) 9);
        }
        assertThat(better.requests).hasValue(1);
    }

    @Test
    void movingWithoutStorageDoesNothing() {
        DmaBuf frame = bench.buffer(4096);
        frame.move();
        assertThat(frame.info().moves()).isZero();
        assertThat(pool.requests).hasValue(0);
    }
}
