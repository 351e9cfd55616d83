// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.Attachment;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.BufferSet;
import dmabuf.api.BufferState;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Mapping;
import dmabuf.api.Recycling;
import dmabuf.api.SetRequest;
import dmabuf.api.spi.Allocation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever fails while something is given up or moved, an OutOfMemoryError too: nothing else is kept by it. */
class FailingEndsTest {
    private static final long LOW = 0x1000_0000L;
    private static final long HIGH = 0x1_0000_0000L;
    private static final int SIZE = 4096;

    private final StubbornMachine machine = new StubbornMachine();
    private final Bench bench = new Bench(Settings.DEFAULT, machine::over);
    private final PoolAllocator high = bench.pool("high", 9, HIGH);
    private final PoolAllocator low = bench.pool("low", 1, LOW);

    FailingEndsTest() {
        bench.devices("cam").device("narrow", "range=0x0..0xffffffff");
    }

    @AfterEach
    void nothingIsLeft() {
        bench.close();
        assertThat(high.statistics().live() + low.statistics().live()).isZero();
    }

    private static Throwable thrown(boolean isError) {
        return isError ? new OutOfMemoryError("stuck") : new IllegalStateException("stuck");
    }

    @Test
    void aMoveThatCannotCopyLeavesNothingInItsNewPlace() {
        DmaBuf frame = filled((byte) 7);
        BufferInfo before = frame.info();
        machine.fail("copy", thrown(true));
        assertThatExceptionOfType(OutOfMemoryError.class).isThrownBy(() -> frame.attach("narrow"));
        assertThat(frame.info()).usingRecursiveComparison().ignoringFields("lastRefusal", "lastDecision").isEqualTo(before);
        assertThat(low.statistics().live()).isZero();
        assertThat(bench.memory.inUse()).isEqualTo(SIZE);
        verify(frame, (byte) 7);
        frame.attach("narrow");
    }

    /** The device is a member and the storage in its new place: trouble with the old one is told, and is no refusal. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aMoveIsCommittedAlsoWhenTheOldPlaceDoesNotClose(boolean isError) {
        DmaBuf frame = filled((byte) 7);
        machine.fail("close", thrown(isError));
        Attachment narrow = frame.attach("narrow");
        assertThat(narrow.map(Direction.TO_DEVICE).table().contiguousAddress()).hasValue(LOW);
        verify(frame, (byte) 7);
        assertThat(bench.sandbox.warnings()).singleElement().asString().contains("frame", "stuck");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneThatDoesNotEndKeepsNoneOfTheOthersOfItsOwner(boolean isError) {
        DmaBuf frame = bench.buffer(SIZE);
        DmaBuf next = bench.buffer(SIZE);
        frame.attach("cam").map(Direction.TO_DEVICE).openFile();
        next.attach("cam").map(Direction.TO_DEVICE);
        machine.fail("closeDescriptor", thrown(isError));
        bench.sandbox.removeOwner("app");
        assertThat(frame.info().state()).isEqualTo(BufferState.RELEASED);
        assertThat(next.info().state()).isEqualTo(BufferState.RELEASED);
        assertThat(bench.memory.inUse()).isZero();
        assertThat(bench.sandbox.warnings()).singleElement().asString().contains("stuck");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void storageThatDoesNotCloseKeepsNoneOfTheOthersOfItsOwner(boolean isError) {
        filled((byte) 1);
        DmaBuf next = filled((byte) 2);
        machine.fail("close", thrown(isError));
        bench.sandbox.removeOwner("app");
        assertThat(next.info().state()).isEqualTo(BufferState.RELEASED);
        assertThat(bench.memory.inUse()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void keptStorageThatDoesNotCloseIsToldAndKeepsNoneOfTheOthers(boolean isError) {
        BufferRequest request = BufferRequest.ofSize(SIZE).withRecycling(Recycling.ZEROED);
        List<DmaBuf> frames = List.of(bench.exporter.create(request), bench.exporter.create(request));
        frames.forEach(frame -> frame.beginCpuAccess(CpuMode.WRITE).close());
        frames.forEach(DmaBuf::close);
        machine.fail("close", thrown(isError));
        bench.sandbox.core().shelf().clear();
        assertThat(bench.memory.inUse()).isZero();
        assertThat(bench.sandbox.warnings()).singleElement().asString()
                .startsWith("kept storage of app did not close as it should: ").endsWith("stuck");
    }

    /** There is room for two of three. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void oneOfASetThatDoesNotCloseKeepsNoneOfTheOthers(boolean isError) {
        bench.sandbox.putQuota(Map.of("name", "app", "owners", "app", "bytes", 2 * SIZE));
        BufferSet set = bench.exporter.createSet(SetRequest.of(BufferRequest.ofSize(SIZE), 3));
        machine.fail("close", thrown(isError));
        assertThatThrownBy(set::prepare).hasMessage("stuck");
        assertThat(bench.memory.inUse()).isZero();
        assertThat(high.statistics().live()).isZero();
        set.close();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aFileThatDoesNotCloseKeepsNoMapping(boolean isError) {
        DmaBuf frame = bench.buffer(SIZE);
        Mapping mapping = frame.attach("cam").map(Direction.TO_DEVICE);
        mapping.openFile();
        machine.fail("closeDescriptor", thrown(isError));
        mapping.close();
        frame.move();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aDescriptorThatDidNotOpenIsNotCharged(boolean isError) {
        bench.sandbox.putQuota(Map.of("name", "app", "owners", "app", "descriptors", 2));
        DmaBuf frame = bench.buffer(SIZE);
        Mapping mapping = frame.attach("cam").map(Direction.TO_DEVICE);
        machine.fail("duplicateDescriptor", thrown(isError));
        assertThatThrownBy(mapping::openFile).hasMessage("stuck");
        mapping.openFile().close();
    }

    /** It brought memory of its own, which is too small and does not close; what it got from us comes back. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatALiarBroughtKeepsNothingOfOurs(boolean isError) {
        high.allocating = request -> {
            Allocation honest = high.lowest(request);
            machine.fail("close", thrown(isError));
            return Allocation.of(bench.memory.memfd(SIZE, "own"), honest.segments());
        };
        DmaBuf frame = bench.buffer(2 * SIZE);
        Attachment cam = frame.attach("cam");
        try {
            cam.map(Direction.TO_DEVICE);
        } catch (OutOfMemoryError | IllegalStateException e) {
            assertThat(e).hasMessage("stuck");
        }
        high.allocating = high::lowest;
        cam.map(Direction.TO_DEVICE);
        assertThat(bench.memory.inUse()).as("nothing of the failure").isEqualTo(2 * SIZE);
    }

    /** A level that is none lets the record of where something was opened fail, when all behind it is open. */
    @Test
    void whatCannotBeRecordedIsNotOpen() {
        DmaBuf frame = filled((byte) 7);
        Attachment cam = frame.attach("cam");
        Mapping mapping = cam.map(Direction.TO_DEVICE);
        BufferInfo before = frame.info();
        List<Path> open = files();
        Settings sound = bench.sandbox.core().settings();
        bench.sandbox.core().configure(new Settings(
                sound.foreignDeadline(), sound.moveDeadline(), sound.capBytes(), sound.accessBits(), null));
        assertThatNullPointerException().isThrownBy(mapping::openFile);
        assertThatNullPointerException().isThrownBy(() -> frame.beginCpuAccess(CpuMode.READ));
        assertThatNullPointerException().isThrownBy(() -> frame.mapForUser(CpuRequest.of(CpuMode.READ)));
        assertThatNullPointerException().isThrownBy(() -> cam.map(Direction.FROM_DEVICE));
        bench.sandbox.core().configure(sound);
        assertThat(frame.info()).isEqualTo(before);
        assertThat(files()).as("descriptors of the storage").isEqualTo(open);
        assertThat(machine.begun()).as("accesses that were begun and not ended").isZero();
        verify(frame, (byte) 7);
    }

    private static List<Path> files() {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.filter(each -> target(each).startsWith("/memfd:frame ")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String target(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closedMeanwhile) {
            return "";
        }
    }

    private DmaBuf filled(byte value) {
        DmaBuf frame = bench.buffer(SIZE);
        try (var access = frame.beginCpuAccess(CpuMode.WRITE)) {
            access.segment().fill(value);
        }
        return frame;
    }

    private static void verify(DmaBuf frame, byte value) {
        try (var access = frame.beginCpuAccess(CpuMode.READ)) {
            assertThat(access.segment().toArray(ValueLayout.JAVA_BYTE)).containsOnly(value);
        }
    }
}
