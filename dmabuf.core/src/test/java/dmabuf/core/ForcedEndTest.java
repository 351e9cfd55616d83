// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dmabuf.api.BufferRequest;
import dmabuf.api.BufferState;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Reason;
import dmabuf.api.StorageFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** CPU accesses whose owner or core goes while somebody is inside: the memory is back, and nobody is hurt. */
class ForcedEndTest {
    private static final int SIZE = 1 << 20;

    private final Bench bench = new Bench();
    private final PoolAllocator pool = bench.pool("pool", 0, 0x1000_0000L);
    private final DmaBuf frame = bench.buffer(SIZE);

    @AfterEach
    void nothingIsLeft() {
        bench.close();
    }

    @Test
    void theMemoryOfAConfinedAccessIsBackWhileItsThreadIsInside() {
        CpuAccess access = frame.beginCpuAccess(CpuMode.READ_WRITE);
        MemorySegment segment = access.segment();
        segment.fill((byte) 1);
        CompletableFuture.runAsync(() -> bench.sandbox.removeOwner("app")).join();
        assertThat(frame.info().state()).isEqualTo(BufferState.RELEASED);
        assertThat(bench.memory.inUse()).isZero();
        assertThat(pool.statistics().live()).isZero();
        assertThat(segment.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
        segment.fill((byte) 2);
        assertThat(Bench.refusal(access::segment).reason()).isEqualTo(Reason.GONE);
        access.close();
        access.close();
        assertThat(segment.scope().isAlive()).isFalse();
    }

    @Test
    void readersAndWritersAtWorkSurviveTheEndOfTheCore() {
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch inside = new CountDownLatch(4);
        List<CompletableFuture<Void>> threads = List.of(
                working(CpuRequest.of(CpuMode.READ_WRITE), inside, over), working(CpuRequest.of(CpuMode.READ), inside, over),
                working(CpuRequest.of(CpuMode.READ_WRITE).withShared(), inside, over),
                working(CpuRequest.of(CpuMode.READ).withShared(), inside, over));
        Waiting.on(inside);
        bench.sandbox.close();
        assertThat(bench.memory.inUse()).isZero();
        over.set(true);
        threads.forEach(CompletableFuture::join);
    }

    /** Reads or writes in one access until it is over, or the scope of a shared one is closed. */
    private CompletableFuture<Void> working(CpuRequest request, CountDownLatch inside, AtomicBoolean over) {
        return CompletableFuture.runAsync(() -> {
            CpuAccess access = frame.beginCpuAccess(request);
            MemorySegment segment = access.segment();
            inside.countDown();
            try {
                while (!over.get()) {
                    if (request.mode().writes()) segment.fill((byte) 3);
                    else assertThat(segment.toArray(ValueLayout.JAVA_BYTE)).hasSize(SIZE);
                }
            } catch (IllegalStateException e) {
                assertThat(request.isShared()).as("closed from elsewhere: %s", e).isTrue();
            }
            access.close();
        }, work -> Thread.ofPlatform().start(work));
    }

    @Test
    void whatOthersStillUseStaysTheirsUntilTheyLetGo() {
        DmaBuf theirs = bench.sandbox.exporter("viewer").open(frame.id());
        CpuAccess access = frame.beginCpuAccess(CpuMode.READ_WRITE);
        MemorySegment segment = access.segment();
        segment.fill((byte) 4);
        CompletableFuture.runAsync(() -> bench.sandbox.removeOwner("app")).join();
        try (CpuAccess reading = theirs.beginCpuAccess(CpuMode.READ)) {
            assertThat(reading.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(4);
        }
        theirs.close();
        assertThat(bench.memory.inUse()).isZero();
        assertThat(segment.toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
        access.close();
    }

    @Test
    void whatIsWrittenAfterwardsIsNotInTheNextBuffer() {
        CpuAccess access = frame.beginCpuAccess(CpuMode.WRITE);
        MemorySegment segment = access.segment();
        CompletableFuture.runAsync(() -> bench.sandbox.removeOwner("app")).join();
        DmaBuf next = bench.sandbox.exporter("app").create(BufferRequest.ofSize(SIZE));
        try (CpuAccess reading = next.beginCpuAccess(CpuMode.READ)) {
            segment.fill((byte) 5);
            assertThat(next.info().segments().getFirst().address()).as("the same place").isEqualTo(0x1000_0000L);
            assertThat(reading.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(0);
        }
        access.close();
    }

    @Test
    void aThreadThatDiedInsideKeepsNothing() {
        Thread.ofPlatform().start(() -> frame.beginCpuAccess(CpuMode.WRITE).segment().fill((byte) 6));
        await().until(() -> frame.info().cpuAccesses() == 1);
        bench.sandbox.close();
        assertThat(bench.memory.inUse()).isZero();
    }

    @Test
    void aTransferUnderWayEndsAndThenTheSharedSegmentDies() throws IOException {
        CpuAccess access = frame.beginCpuAccess(CpuRequest.of(CpuMode.READ).withShared());
        MemorySegment segment = access.segment();
        Pipe pipe = Pipe.open();
        try (Pipe.SourceChannel source = pipe.source(); Pipe.SinkChannel sink = pipe.sink()) {
            CompletableFuture<Integer> transfer = CompletableFuture.supplyAsync(() -> write(sink, segment));
            ByteBuffer first = ByteBuffer.allocate(1);
            assertThat(source.read(first)).isEqualTo(1);
            assertThatIllegalStateException().as("a pipe is smaller than the frame").isThrownBy(access::close);
            bench.sandbox.close();
            assertThat(bench.memory.inUse()).isZero();
            assertThat(Bench.refusal(access::segment).reason()).isEqualTo(Reason.GONE);
            ByteBuffer rest = ByteBuffer.allocate(SIZE - 1);
            while (rest.hasRemaining()) {
                assertThat(source.read(rest)).isPositive();
            }
            assertThat(transfer.join()).isEqualTo(SIZE);
        }
        await().until(() -> !segment.scope().isAlive());
    }

    /** Native code of a consumer may close by its number what is the core's to close. */
    @Test
    void aDescriptorThatIsGoneKeepsNothingFromEndingWithTheCore() {
        StorageFile file = openFile();
        DmaBuf next = bench.buffer(SIZE);
        next.attach("cam").map(Direction.TO_DEVICE);
        bench.memory.closeDescriptor(file.descriptor());
        bench.sandbox.close();
        assertThat(List.of(frame.info().state(), next.info().state())).containsOnly(BufferState.RELEASED);
        assertThat(pool.statistics().live()).isZero();
        assertThat(bench.sandbox.warnings()).singleElement().asString()
                .startsWith("what app held of buffer frame did not end as it should: ").contains("EBADF");
    }

    @Test
    void aDescriptorThatIsGoneKeepsNothingFromEndingWithItsOwner() {
        StorageFile file = openFile();
        bench.memory.closeDescriptor(file.descriptor());
        bench.sandbox.removeOwner("app");
        assertThat(frame.info().state()).isEqualTo(BufferState.RELEASED);
        assertThat(frame.info().attachments()).isEmpty();
        assertThat(pool.statistics().live()).isZero();
    }

    @Test
    void aDescriptorThatIsGoneIsToldAndDoesNotHoldTheStorage() {
        StorageFile file = openFile();
        bench.memory.closeDescriptor(file.descriptor());
        assertThat(Bench.refusal(file::close)).hasMessageContaining("EBADF");
        file.close();
        bench.sandbox.removeDevice("cam");
        frame.move();
    }

    @Test
    void aDescriptorThatIsGoneKeepsNoMappingFromEnding() {
        StorageFile file = openFile();
        bench.memory.closeDescriptor(file.descriptor());
        bench.sandbox.removeDevice("cam");
        assertThat(bench.sandbox.warnings()).singleElement().asString().contains("EBADF");
        frame.move();
    }

    /** The allocator hangs until its deadline: the core waits for whoever releases, as for any work on a buffer. */
    @Test
    void theMemoryIsBackThatSomebodyReleasesWhileTheCoreEnds() {
        CountDownLatch releasing = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        frame.beginCpuAccess(CpuMode.WRITE).close();
        pool.releasing = _ -> {
            releasing.countDown();
            Waiting.on(closed);
        };
        Thread.ofPlatform().start(frame::close);
        Waiting.on(releasing);
        bench.sandbox.close();
        assertThat(bench.memory.inUse()).isZero();
        closed.countDown();
    }

    private StorageFile openFile() {
        bench.devices("cam");
        return frame.attach("cam").map(Direction.TO_DEVICE).openFile();
    }

    private static int write(Pipe.SinkChannel sink, MemorySegment segment) {
        try {
            return sink.write(segment.asByteBuffer());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
