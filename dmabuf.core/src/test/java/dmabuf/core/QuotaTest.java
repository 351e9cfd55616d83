// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static dmabuf.core.Bench.MIB;
import static dmabuf.core.Bench.PAGE;
import static dmabuf.core.Bench.refusal;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dmabuf.api.Attachment;
import dmabuf.api.Attempt;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.BufferState;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Exporter;
import dmabuf.api.Mapping;
import dmabuf.api.QuotaInfo;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.StorageFile;
import dmabuf.api.spi.Allocation;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The limits of owners, to the byte, at every step of a buffer's life. */
class QuotaTest {
    private final Bench bench = new Bench().device("cam", "").device("late", "range=0x90000000..0x90ffffff");
    private final PoolAllocator low = bench.pool("low", 200, 0x8000_0000L);
    private final PoolAllocator high = bench.pool("high", 100, 0x9000_0000L);
    private final Exporter other = bench.sandbox.exporter("other");

    @AfterEach
    void close() {
        bench.close();
    }

    private void quota(String name, String key, Object value, String key2, Object value2) {
        bench.sandbox.putQuota(Map.of("name", name, key, value, key2, value2));
    }

    private void limit(long byteSize) {
        quota("app", "owners", "app", "bytes", byteSize);
    }

    private QuotaInfo use() {
        return bench.sandbox.core().quotas().all().getFirst();
    }

    private static void touch(DmaBuf buffer) {
        buffer.beginCpuAccess(CpuMode.READ).close();
    }

    private DmaBuf backed(long byteSize) {
        DmaBuf buffer = bench.buffer(byteSize);
        touch(buffer);
        return buffer;
    }

    @Test
    void theLastPageIsGivenAndNoByteMore() {
        limit(3 * PAGE);
        DmaBuf first = backed(2 * PAGE);
        DmaBuf large = bench.buffer(PAGE + 1);
        BufferInfo before = large.info();
        DmaBufException refused = refusal(() -> touch(large));
        assertThat(refused.reason()).isEqualTo(Reason.QUOTA);
        assertThat(refused).hasMessage("no storage for buffer frame: low quota app has no room in bytes:"
                + " limit=12K, used=8K, asked=8K (owner app); high quota app has no room in bytes:"
                + " limit=12K, used=8K, asked=8K (owner app)");
        assertThat(refused.explanation().attempts())
                .extracting(Attempt::failure).containsOnly(Optional.of(Reason.QUOTA));
        assertThat(large.info().state()).isEqualTo(before.state()).isEqualTo(BufferState.DEFERRED);
        assertThat(low.freeBytes() + high.freeBytes()).isEqualTo(32 * MIB - 2 * PAGE);
        assertThat(use().byteSize()).isEqualTo(2 * PAGE);
        DmaBuf fits = backed(PAGE);
        assertThat(use().byteSize()).isEqualTo(3 * PAGE);
        first.close();
        touch(large);
        assertThat(use().byteSize()).isEqualTo(3 * PAGE);
        fits.close();
        large.close();
        assertThat(use().byteSize()).isZero();
        assertThat(use().descriptors()).isZero();
    }

    @Test
    void aBufferWithoutMemoryCostsNothingAndTheOwnerThatCreatedItPays() {
        limit(0);
        DmaBuf buffer = bench.buffer(PAGE);
        try (DmaBuf theirs = other.open(buffer.id())) {
            assertThat(refusal(() -> touch(theirs)).reason()).as("whoever maps first").isEqualTo(Reason.QUOTA);
        }
        try (DmaBuf theirs = other.create(BufferRequest.ofSize(PAGE));
                DmaBuf mine = bench.exporter.share(theirs)) {
            touch(mine);
        }
    }

    @Test
    void oneQuotaAmongLacksOfMemoryIsTheReason() {
        low.allocating = _ -> {
            throw new DmaBufException(Reason.OUT_OF_MEMORY, "empty");
        };
        limit(0);
        assertThat(refusal(() -> backed(PAGE)).reason()).isEqualTo(Reason.QUOTA);
        low.allocating = _ -> {
            throw new DmaBufException(Reason.ACCESS, "forbidden");
        };
        assertThat(refusal(() -> backed(PAGE)).reason()).isEqualTo(Reason.NO_ALLOCATOR);
    }

    @Test
    void anotherPoolServesWhereOneIsUsedUp() {
        bench.sandbox.putQuota(Map.of("name", "low", "owners", "*", "pools", "low", "bytes", PAGE));
        backed(PAGE);
        assertThat(backed(PAGE).info().allocator()).contains("high");
        DmaBuf waiting = bench.exporter.create(BufferRequest.ofSize(PAGE).withWaitsForAllocator(true));
        bench.sandbox.putQuota(Map.of("name", "low", "owners", "*", "bytes", 2 * PAGE));
        assertThat(refusal(() -> touch(waiting)).reason()).as("nobody comes for a quota").isEqualTo(Reason.QUOTA);
    }

    @Test
    void memoryThatAnAllocatorBringsItselfCountsToo() {
        limit(PAGE);
        low.allocating = request -> Allocation.of(
                bench.memory.memfd(request.storageSize(), "own"),
                List.of(new Segment(0x8000_0000L, request.storageSize())));
        high.allocating = low.allocating;
        DmaBuf held = backed(PAGE);
        assertThat(use().byteSize()).isEqualTo(PAGE);
        assertThat(refusal(() -> backed(PAGE)).reason()).isEqualTo(Reason.QUOTA);
        assertThat(bench.memory.inUse()).as("what was refused is closed").isEqualTo(PAGE);
        held.close();
        assertThat(use().byteSize()).isZero();
    }

    @Test
    void filesThatAreHandedOutCountForWhoMapped() {
        quota("other", "owners", "other", "descriptors", 1);
        DmaBuf buffer = backed(PAGE);
        try (DmaBuf theirs = other.open(buffer.id());
                Attachment attachment = theirs.attach("cam");
                Mapping mapping = attachment.map(Direction.TO_DEVICE)) {
            StorageFile file = mapping.openFile();
            DmaBufException refused = refusal(mapping::openFile);
            assertThat(refused.reason()).isEqualTo(Reason.QUOTA);
            assertThat(refused).hasMessage(
                    "quota other has no room in descriptors: limit=1, used=1, asked=1 (owner other)");
            file.close();
            file.close();
            mapping.openFile();
            assertThat(use().descriptors()).isEqualTo(1);
        }
        assertThat(use().descriptors()).as("files end with their mapping").isZero();
    }

    @Test
    void aFullQuotaIsRoomEnoughForAMove() {
        limit(PAGE);
        quota("files", "owners", "app", "descriptors", 1);
        DmaBuf buffer = backed(PAGE);
        buffer.attach("late");
        touch(buffer);
        assertThat(buffer.info().allocator()).contains("high");
        for (int i = 0; i < 10; i++) {
            buffer.move();
        }
        assertThat(use().byteSize()).isEqualTo(PAGE);
        assertThat(refusal(() -> backed(PAGE)).reason()).isEqualTo(Reason.QUOTA);
    }

    @Test
    void aMoveIntoAPoolThatIsUsedUpIsRefusedAndNothingChanges() {
        bench.sandbox.putQuota(Map.of("name", "high", "owners", "*", "pools", "high", "bytes", "0"));
        DmaBuf buffer = backed(PAGE);
        assertThat(refusal(() -> buffer.attach("late")).reason()).isEqualTo(Reason.QUOTA);
        assertThat(buffer.info().attachments()).isEmpty();
        assertThat(buffer.info().allocator()).contains("low");
        assertThat(bench.memory.inUse()).isEqualTo(PAGE);
        bench.sandbox.removeAllocator("low");
        assertThat(buffer.info().orphaned()).isTrue();
        bench.sandbox.removeQuota("high");
        buffer.move();
        assertThat(buffer.info().allocator()).contains("high");
    }

    @Test
    void anOwnerThatStopsGetsItsQuotaBackAlsoForWhatOthersUseOn() {
        limit(2 * PAGE);
        DmaBuf shared = backed(PAGE);
        backed(PAGE);
        DmaBuf theirs = other.share(shared);
        bench.sandbox.removeOwner("app");
        assertThat(use().byteSize()).isZero();
        assertThat(use().descriptors()).isZero();
        assertThat(bench.memory.inUse()).isEqualTo(PAGE);
        try (CpuAccess access = theirs.beginCpuAccess(CpuMode.READ)) {
            assertThat(access.segment().byteSize()).isEqualTo(PAGE);
        }
        theirs.move();
        assertThat(use().byteSize()).isZero();
        Exporter again = bench.sandbox.exporter("app");
        DmaBuf fresh = again.create(BufferRequest.ofSize(2 * PAGE));
        touch(fresh);
        assertThat(use().byteSize()).isEqualTo(2 * PAGE);
        theirs.close();
        assertThat(use().byteSize()).isEqualTo(2 * PAGE);
    }

    @Test
    void aBufferThatOutlivesItsOwnerWithoutMemoryIsChargedToNobody() {
        limit(0);
        DmaBuf theirs = other.share(bench.buffer(PAGE));
        bench.sandbox.removeOwner("app");
        touch(theirs);
        assertThat(use().byteSize()).isZero();
    }

    /** The memory comes when its owner has left already: it goes at once, and nothing is charged for it. */
    @Test
    void anOwnerMayStopWhileItsMemoryIsOnTheWay() throws Exception {
        Duration patient = Duration.ofSeconds(30);
        try (Bench slow = new Bench(new Settings(patient, patient, OptionalLong.empty()))) {
            PoolAllocator pool = slow.pool("pool", 100, 0x8000_0000L);
            slow.sandbox.putQuota(Map.of("name", "app", "owners", "app", "bytes", PAGE));
            CountDownLatch asked = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            pool.allocating = request -> {
                Allocation given = pool.lowest(request);
                asked.countDown();
                Waiting.on(go);
                return given;
            };
            DmaBuf buffer = slow.exporter.create(BufferRequest.ofSize(PAGE));
            CompletableFuture<CpuAccess> access =
                    CompletableFuture.supplyAsync(() -> buffer.beginCpuAccess(CpuRequest.of(CpuMode.READ).withShared()));
            Waiting.on(asked);
            CompletableFuture<Void> stop = CompletableFuture.runAsync(() -> slow.sandbox.removeOwner("app"));
            await().atMost(30, SECONDS).until(() -> refusal(buffer::byteSize) != null);
            go.countDown();
            stop.get();
            access.handle((_, _) -> true).get();
            assertThat(slow.sandbox.core().quotas().payers()).isEmpty();
            assertThat(slow.memory.inUse()).isZero();
        }
    }

    @Test
    void aDryRunTellsTheQuotaAndKeepsNothing() {
        limit(PAGE);
        assertThat(bench.exporter.plan(BufferRequest.ofSize(PAGE), List.of("cam")).refusal()).isEmpty();
        assertThat(bench.exporter.plan(BufferRequest.ofSize(2 * PAGE), List.of("cam")).refusal().orElseThrow().reason())
                .isEqualTo(Reason.QUOTA);
        assertThat(use().byteSize()).isZero();
        touch(other.create(BufferRequest.ofSize(4 * PAGE)));
    }

    @Test
    void theCapIsBelowEveryQuota() {
        bench.sandbox.core().configure(
                new Settings(Settings.DEFAULT.foreignDeadline(), Settings.DEFAULT.moveDeadline(), OptionalLong.of(PAGE)));
        limit(3 * PAGE);
        backed(PAGE);
        assertThat(refusal(() -> backed(PAGE)).reason()).isEqualTo(Reason.OUT_OF_MEMORY);
        assertThat(use().byteSize()).isEqualTo(PAGE);
        assertThat(refusal(() -> backed(PAGE << 40)).reason()).isIn(Reason.OUT_OF_MEMORY, Reason.NO_ALLOCATOR);
        assertThat(use().byteSize()).isEqualTo(PAGE);
    }

    @Test
    void anUnknownKeyIsRefusedAndAMissingParentIsTold() {
        limit(PAGE);
        assertThat(refusal(() -> bench.sandbox.putQuota(Map.of("name", "app", "byte", 1))).reason())
                .isEqualTo(Reason.INVALID);
        assertThat(use().byteLimit()).hasValue(PAGE);
        quota("child", "parent", "nobody", "owners", "*");
        assertThat(bench.sandbox.warnings())
                .containsExactly("quota child stands alone until its parent comes, quota nobody");
    }
}
