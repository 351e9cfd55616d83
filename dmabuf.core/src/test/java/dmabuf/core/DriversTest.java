// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dmabuf.api.Attachment;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.Explanation;
import dmabuf.api.Fence;
import dmabuf.api.FenceRequest;
import dmabuf.api.FenceSource;
import dmabuf.api.FenceState;
import dmabuf.api.FenceUsage;
import dmabuf.api.HoldingKind;
import dmabuf.api.MapRequest;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.SyncFile;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Work of the kernel's drivers on a dma-buf, and fences that go to them and come from them. */
class DriversTest {
    private static final Duration LONG = Duration.ofSeconds(60);

    private final BusyMachine machine = new BusyMachine();
    private final Bench bench = new Bench(Settings.DEFAULT, machine::over).devices("cam");
    private final DmaBuf frame = bench.buffer(4096);
    private final Attachment cam = frame.attach("cam");

    DriversTest() {
        bench.pool("pool", 0, 0x4000_0000L);
        cam.map(Direction.TO_DEVICE).close();
    }

    @AfterEach
    void nothingIsLeft() {
        bench.close();
        await().atMost(LONG).until(() -> machine.openFences() == 0);
    }

    private Fence imported(FenceUsage usage) {
        return frame.importSyncFile(0, FenceRequest.of(usage, LONG).withName("scan-out"));
    }

    @Test
    void anAccessWaitsForDriversBeforeItBegins() throws Exception {
        machine.begin(FenceUsage.WRITE);
        Waiter<CpuMode> access = Waiter.of(() -> {
            try (var view = frame.beginCpuAccess(CpuMode.READ)) {
                return view.mode();
            }
        });
        assertThat(machine.calls).isEmpty();
        assertThat(((BufferReference) frame).buffer().lock().enterWithin(LONG.toNanos()))
                .as("the lock is free")
                .isTrue();
        ((BufferReference) frame).buffer().leave();
        machine.end();
        assertThat(access.answer()).isEqualTo(CpuMode.READ);
        assertThat(machine.calls).containsExactly("begin READ");
    }

    @Test
    void aTryIsBusyByTheRuleOfReadersAndWriters() {
        machine.begin(FenceUsage.READ);
        cam.map(MapRequest.of(Direction.TO_DEVICE).withTrying()).close();
        DmaBufException refusal = Bench.refusal(() -> cam.map(MapRequest.of(Direction.FROM_DEVICE).withTrying()));
        assertThat(refusal.reason()).isEqualTo(Reason.BUSY);
        assertThat(refusal).hasMessage("drivers are at work on buffer frame");
        machine.begin(FenceUsage.WRITE);
        assertThat(Bench.refusal(() -> frame.beginCpuAccess(CpuRequest.of(CpuMode.READ).withTrying())).reason())
                .isEqualTo(Reason.BUSY);
        assertThat(Bench.refusal(frame::move)).hasMessageContaining("cannot move: drivers are at work on it");
        machine.end();
        frame.beginCpuAccess(CpuRequest.of(CpuMode.WRITE).withTrying()).close();
        frame.move();
    }

    /** Nothing is written under them: they are asked about again after the lock was free. */
    @Test
    void driversThatBeginWhileHoldersLetGoKeepTheStorageWhereItIs() {
        cam.map(MapRequest.of(Direction.TO_DEVICE).withMoveListener(mapping -> {
            machine.begin(FenceUsage.WRITE);
            mapping.close();
        }));
        assertThat(Bench.refusal(frame::move)).hasMessageContaining("cannot move: drivers are at work on it");
        assertThat(frame.info().moves()).isZero();
        machine.end();
        frame.move();
        assertThat(frame.info().moves()).isEqualTo(1);
    }

    @Test
    void theWaitEnds() {
        Settings impatient = new Settings(Duration.ofMillis(1), Duration.ofMillis(1), OptionalLong.empty());
        machine.begin(FenceUsage.WRITE);
        bench.sandbox.core().configure(impatient);
        DmaBufException refusal = Bench.refusal(() -> frame.beginCpuAccess(CpuMode.READ));
        assertThat(refusal.reason()).isEqualTo(Reason.TIMED_OUT);
        assertThat(refusal).hasMessage("drivers did not finish within 10 ms with buffer frame");
        assertThat(machine.calls).isEmpty();
    }

    @Test
    void storageOfAnAllocatorThatLeftMovesWhenDriversHaveDone() {
        bench.pool("spare", 0, 0x5000_0000L);
        machine.begin(FenceUsage.READ);
        bench.sandbox.removeAllocator("pool");
        frame.withdrawExpected();
        assertThat(frame.info().allocator()).contains("pool");
        assertThat(frame.info().orphaned()).isFalse();
        machine.end();
        await().atMost(LONG).until(() -> frame.info().allocator().equals(Optional.of("spare")));
        assertThat(frame.info().moves()).isEqualTo(1);
    }

    @Test
    void whoeverWaitsLearnsThatTheCoreHasStopped() {
        machine.begin(FenceUsage.WRITE);
        Waiter<Object> access = Waiter.of(() -> frame.beginCpuAccess(CpuMode.READ));
        bench.sandbox.close();
        assertThat(access.refusal().reason()).isEqualTo(Reason.GONE);
    }

    @Test
    void aSyncFileBecomesAFenceAndDriversAreTold() throws Exception {
        Fence scanOut = imported(FenceUsage.READ);
        assertThat(machine.calls).containsExactly("import READ");
        assertThat(scanOut.title()).startsWith("read fence scan-out of bundle app");
        Waiter<CpuMode> access = Waiter.of(() -> {
            try (var view = frame.beginCpuAccess(CpuMode.WRITE)) {
                return view.mode();
            }
        });
        await().atMost(LONG).until(() -> machine.waits() > 1);
        assertThat(scanOut.isDone()).as("before the kernel says so").isFalse();
        machine.signal(Optional.empty());
        assertThat(access.answer()).isEqualTo(CpuMode.WRITE);
        assertThat(scanOut.await(LONG)).isTrue();
    }

    @Test
    void itsErrorIsThatOfTheFence() {
        Fence scanOut = imported(FenceUsage.WRITE);
        Waiter<Object> access = Waiter.of(() -> frame.beginCpuAccess(CpuMode.READ));
        machine.signal(Optional.of(Explanation.of(Reason.TIMED_OUT, "sync_file: ETIMEDOUT")));
        assertThat(access.refusal().reason()).isEqualTo(Reason.TIMED_OUT);
        assertThat(access.refusal()).hasMessageEndingWith("failed: sync_file: ETIMEDOUT");
        assertThat(scanOut.state()).isEqualTo(FenceState.FAILED);
    }

    @Test
    void aSyncFileThatIsNeverSignalledIsLetGoWithItsFence() {
        Fence scanOut = imported(FenceUsage.READ);
        bench.sandbox.removeOwner("app");
        assertThat(scanOut.error().orElseThrow().reason()).isEqualTo(Reason.GONE);
        await().atMost(LONG).until(() -> machine.openFences() == 0);
    }

    @Test
    void aRefusedImportLeavesNothing() {
        frame.close();
        assertThat(Bench.refusal(() -> imported(FenceUsage.READ)).reason()).isEqualTo(Reason.GONE);
        assertThat(machine.openFences()).isZero();
        assertThat(machine.calls).isEmpty();
    }

    @Test
    void anImportAfterAFenceOfOthersLeavesNothing() {
        Fence foreign = (Fence) Proxy.newProxyInstance(
                Fence.class.getClassLoader(), new Class<?>[] {Fence.class}, (proxy, method, arguments) ->
                        method.isDefault() ? InvocationHandler.invokeDefault(proxy, method, arguments) : null);
        FenceRequest request = FenceRequest.of(FenceUsage.READ, LONG).after(foreign);
        assertThat(Bench.refusal(() -> frame.importSyncFile(0, request)).reason()).isEqualTo(Reason.INVALID);
        assertThat(machine.openFences()).isZero();
        assertThat(frame.fences()).isEmpty();
    }

    @Test
    void aSyncFileIsListedAndIsInNobodysWay() {
        MapRequest movable = MapRequest.of(Direction.TO_DEVICE).withMoveListener(Mapping::close);
        SyncFile file = cam.map(movable).openSyncFile(FenceUsage.READ);
        assertThat(bench.exporter.holdings())
                .filteredOn(holding -> holding.kind() == HoldingKind.SYNC_FILE)
                .singleElement()
                .satisfies(holding -> {
                    assertThat(holding.owner()).isEqualTo("app");
                    assertThat(holding.device()).contains("cam");
                    assertThat(holding.since()).isPresent();
                });
        frame.move();
        assertThat(frame.info().moves()).isEqualTo(1);
        assertThat(Bench.refusal(file::descriptor).reason()).isEqualTo(Reason.GONE);
    }

    @Test
    void aSyncFileIsGivenOutAndEndsWithItsMapping() {
        Mapping mapping = cam.map(Direction.TO_DEVICE);
        SyncFile first = mapping.openSyncFile(FenceUsage.READ);
        SyncFile second = mapping.openSyncFile(FenceUsage.WRITE);
        assertThat(machine.calls).containsExactly("export READ", "export WRITE");
        Path kept = Path.of("/proc/self/fd/" + second.descriptor());
        first.close();
        first.close();
        assertThat(Bench.refusal(first::descriptor)).hasMessage("the sync file of cam is closed");
        assertThat(Files.exists(kept)).isTrue();
        mapping.close();
        assertThat(Files.exists(kept)).isFalse();
        assertThat(Bench.refusal(() -> mapping.openSyncFile(FenceUsage.READ)).reason()).isEqualTo(Reason.GONE);
    }

    @Test
    void aSyncFileHasTheFencesThatCameAsSyncFiles() {
        Mapping mapping = cam.map(Direction.TO_DEVICE);
        Fence scanOut = imported(FenceUsage.WRITE);
        mapping.openSyncFile(FenceUsage.READ).close();
        assertThat(scanOut.isDone()).isFalse();
        assertThat(machine.calls).containsExactly("import WRITE", "export READ");
        mapping.close();
    }

    /** Drivers know only a part of what it waits for. */
    @Test
    void aSyncFileThatComesAfterAProgramIsOneOfThePrograms() throws Exception {
        Mapping mapping = cam.map(Direction.TO_DEVICE);
        FenceSource decode = frame.addFence(FenceRequest.of(FenceUsage.READ, LONG));
        frame.importSyncFile(0, FenceRequest.of(FenceUsage.WRITE, LONG).after(decode.fence()));
        Waiter<SyncFile> file = Waiter.of(() -> mapping.openSyncFile(FenceUsage.READ));
        decode.signal();
        machine.signal(Optional.empty());
        file.answer().close();
        assertThat(machine.calls).containsExactly("import WRITE", "export READ");
        mapping.close();
    }

    @Test
    void aSyncFileIsADescriptorOfItsOwners() {
        bench.sandbox.putQuota(Map.of("name", "app", "owners", "app", "descriptors", 3));
        Fence scanOut = imported(FenceUsage.READ);
        imported(FenceUsage.READ);
        DmaBufException refusal = Bench.refusal(() -> imported(FenceUsage.READ));
        assertThat(refusal.reason()).isEqualTo(Reason.QUOTA);
        machine.signal(Optional.empty());
        assertThat(scanOut.await(LONG)).isTrue();
        await().atMost(LONG).until(() -> Bench.isGiven(() -> imported(FenceUsage.READ)));
    }

    /** Standard input is no sync_file; no descriptor is charged for what was not opened. */
    @Test
    void whatIsNoSyncFileCostsNothing() {
        try (Bench plain = new Bench()) {
            plain.sandbox.putQuota(Map.of("name", "app", "owners", "app", "descriptors", 1));
            DmaBuf buffer = plain.buffer(4096);
            for (int i = 0; i < 3; i++) {
                DmaBufException refusal =
                        Bench.refusal(() -> buffer.importSyncFile(0, FenceRequest.of(FenceUsage.READ, LONG)));
                assertThat(refusal.reason()).as("attempt " + i).isEqualTo(Reason.INVALID);
            }
        }
    }

    @Test
    void aSyncFileWaitsForProgramsFirst() throws Exception {
        Mapping mapping = cam.map(Direction.TO_DEVICE);
        FenceSource decode = frame.addFence(FenceRequest.of(FenceUsage.WRITE, LONG));
        Waiter<SyncFile> file = Waiter.of(() -> mapping.openSyncFile(FenceUsage.READ));
        assertThat(machine.calls).isEmpty();
        decode.signal();
        file.answer().close();
        assertThat(machine.calls).containsExactly("export READ");
        mapping.close();
    }

    @Test
    void plainMemoryHasNoDrivers() {
        try (Bench plain = new Bench().devices("cam")) {
            plain.pool("pool", 0, 0x4000_0000L);
            try (DmaBuf buffer = plain.buffer(4096);
                    Attachment attachment = buffer.attach("cam");
                    Mapping mapping = attachment.map(Direction.TO_DEVICE)) {
                DmaBufException refusal = Bench.refusal(() -> mapping.openSyncFile(FenceUsage.READ));
                assertThat(refusal.reason()).isEqualTo(Reason.ACCESS);
                assertThat(refusal).hasMessage("memfd memory is no dma-buf: no driver works on it");
            }
        }
    }
}
