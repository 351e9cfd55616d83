// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What is asked for is what was said, one thing after the other, and nothing that makes no sense. */
class RequestsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private static void assertInvalid(ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(DmaBufException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID))
                .hasMessage(message);
    }

    @Test
    @DisplayName("a buffer: what is not said is neutral")
    void plainBuffer() {
        BufferRequest plain = BufferRequest.ofSize(1);
        assertThat(plain.byteSize()).isEqualTo(1);
        assertThat(plain.alignment()).isEqualTo(1);
        assertThat(plain.flags()).isEmpty();
        assertThat(plain.isReadOnly()).isFalse();
        assertThat(plain.name()).isEmpty();
        assertThat(plain.expectedDevices()).isEmpty();
        assertThat(plain.optionalDevices()).isEmpty();
        assertThat(plain.readyWithin()).isEmpty();
        assertThat(plain.latePolicy()).isEqualTo(LatePolicy.MOVE);
        assertThat(plain.patience()).isZero();
        assertThat(plain.waitsForAllocator()).isFalse();
        assertThat(plain.recycling()).isEqualTo(Recycling.NONE);
    }

    @Test
    @DisplayName("a buffer: what was said before stays, whatever is said after")
    void wholeBuffer() {
        BufferRequest once = whole(BufferRequest.ofSize(4097));
        for (BufferRequest whole : List.of(once, whole(once))) {
            assertThat(whole.byteSize()).isEqualTo(4097);
            assertThat(whole.alignment()).isEqualTo(8192);
            assertThat(whole.flags()).containsExactlyInAnyOrder(BufferFlags.WRITE_COMBINE, "zlib");
            assertThat(whole.isReadOnly()).isTrue();
            assertThat(whole.name()).hasValue("0123456789012345678901234567890");
            assertThat(whole.expectedDevices()).containsExactly("cam");
            assertThat(whole.optionalDevices()).containsExactly("gpu");
            assertThat(whole.readyWithin()).hasValue(Duration.ZERO);
            assertThat(whole.latePolicy()).isEqualTo(LatePolicy.REFUSE);
            assertThat(whole.patience()).isEqualTo(SECOND);
            assertThat(whole.waitsForAllocator()).isTrue();
            assertThat(whole.recycling()).isEqualTo(Recycling.UNCLEARED);
        }
    }

    private static BufferRequest whole(BufferRequest request) {
        return request.withRecycling(Recycling.UNCLEARED).withAlignment(8192)
                .withFlags(Set.of(BufferFlags.WRITE_COMBINE, "zlib")).withReadOnly(true)
                .withName("0123456789012345678901234567890").withExpectedDevices(List.of("cam"))
                .withOptionalDevices(List.of("gpu")).withReadyWithin(Duration.ZERO).withLatePolicy(LatePolicy.REFUSE)
                .withPatience(SECOND).withWaitsForAllocator(true);
    }

    @Test
    @DisplayName("a buffer: what makes no sense is INVALID")
    void wrongBuffer() {
        BufferRequest request = BufferRequest.ofSize(1);
        assertInvalid(() -> BufferRequest.ofSize(0),
                "size=0 is not allowed: a buffer has at least 1 byte, at most 2^63-1");
        assertInvalid(() -> request.withAlignment(3), "align=0x3 is not a power of two");
        assertInvalid(() -> request.withFlags(Set.of(BufferFlags.CACHED, BufferFlags.WRITE_COMBINE)),
                "flags CACHED and WRITE_COMBINE exclude each other: give one");
        assertThat(request.withFlags(Set.of(BufferFlags.CACHED)).flags()).containsExactly(BufferFlags.CACHED);
        assertInvalid(() -> request.withName(""), "name '' has 0 bytes: allowed are 1 to 31");
        assertInvalid(() -> request.withName("\u00e4".repeat(16)),
                "name '" + "\u00e4".repeat(16) + "' has 32 bytes: allowed are 1 to 31");
        assertThat(request.withName("x").name()).hasValue("x");
        assertInvalid(() -> request.withReadyWithin(SECOND.negated()), "within=-1000 ms is negative");
        assertInvalid(() -> request.withPatience(SECOND.negated()), "wait=-1000 ms is negative");
    }

    @Test
    @DisplayName("a set: 1 to 1,024 buffers, which wait for nobody")
    void set() {
        BufferRequest buffer = BufferRequest.ofSize(1);
        assertThat(SetRequest.of(buffer, 1).buffer()).isSameAs(buffer);
        assertThat(SetRequest.of(buffer, 1024).count()).isEqualTo(1024);
        assertInvalid(() -> SetRequest.of(buffer, 0), "count=0 is not allowed: a set has 1 to 1024 buffers");
        assertInvalid(() -> SetRequest.of(buffer, 1025), "count=1025 is not allowed: a set has 1 to 1024 buffers");
        assertInvalid(() -> SetRequest.of(buffer.withExpectedDevices(List.of("cam")), 2),
                "a set waits for no devices: attach them to the set");
        assertInvalid(() -> SetRequest.of(buffer.withOptionalDevices(List.of("cam")), 2),
                "a set waits for no devices: attach them to the set");
    }

    @Test
    @DisplayName("a CPU access: a range in bytes, tried, shared")
    void cpu() {
        CpuRequest plain = CpuRequest.of(CpuMode.WRITE);
        assertThat(plain.byteOffset()).isZero();
        assertThat(plain.byteSize()).isEmpty();
        assertThat(plain.isTrying() || plain.isShared()).isFalse();
        CpuRequest part = plain.withTrying().withRange(5, 1).withShared();
        assertThat(part.mode()).isEqualTo(CpuMode.WRITE);
        assertThat(part.byteOffset()).isEqualTo(5);
        assertThat(part.byteSize()).hasValue(1);
        assertThat(part.isTrying() && part.isShared()).isTrue();
        assertThat(plain.withRange(0, Long.MAX_VALUE).byteSize()).hasValue(Long.MAX_VALUE);
        for (ThrowingCallable wrong :
                List.<ThrowingCallable>of(() -> plain.withRange(-1, 1), () -> plain.withRange(0, 0))) {
            assertThatThrownBy(wrong).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("is no range");
        }
        assertThat(List.of(CpuMode.READ.writes(), CpuMode.WRITE.writes(), CpuMode.READ_WRITE.writes()))
                .containsExactly(false, true, true);
    }

    @Test
    @DisplayName("a map, an attach, a fence")
    void others() {
        MoveListener listener = _ -> {};
        MapRequest map = MapRequest.of(Direction.TO_DEVICE);
        assertThat(map.isTrying()).isFalse();
        assertThat(map.moveListener()).isEmpty();
        MapRequest trying = map.withMoveListener(listener).withTrying();
        assertThat(trying.direction()).isEqualTo(Direction.TO_DEVICE);
        assertThat(trying.isTrying()).isTrue();
        assertThat(trying.withMoveListener(listener).moveListener()).hasValue(listener);
        AttachRequest attach = AttachRequest.of(List.of("cam"));
        assertThat(attach.optional()).isEmpty();
        assertThat(attach.withOptional(List.of("gpu")).required()).containsExactly("cam");
        assertThat(attach.withOptional(List.of("gpu")).optional()).containsExactly("gpu");
        FenceRequest fence = FenceRequest.of(FenceUsage.READ, Duration.ofNanos(1));
        assertThat(fence.isInOrder()).isFalse();
        assertThat(fence.name()).isEmpty();
        FenceRequest whole = fence.inOrder().withName("n".repeat(31)).after();
        assertThat(whole.isInOrder()).isTrue();
        assertThat(whole.name()).hasValue("n".repeat(31));
        assertThat(whole.usage()).isEqualTo(FenceUsage.READ);
        assertThat(whole.deadline()).isEqualTo(Duration.ofNanos(1));
        assertThat(whole.predecessors()).isEmpty();
        assertInvalid(() -> FenceRequest.of(FenceUsage.READ, Duration.ZERO),
                "deadline=PT0S is not positive: every fence has a deadline");
        assertInvalid(() -> fence.withName(""), "name '' has 0 characters: allowed are 1 to 31");
        assertInvalid(() -> fence.withName("n".repeat(32)),
                "name '" + "n".repeat(32) + "' has 32 characters: allowed are 1 to 31");
    }

    @Test
    @DisplayName("a reader waits for writers, a writer for all")
    void usage() {
        assertThat(FenceUsage.READ.waitsFor(FenceUsage.READ)).isFalse();
        assertThat(FenceUsage.READ.waitsFor(FenceUsage.WRITE)).isTrue();
        assertThat(FenceUsage.WRITE.waitsFor(FenceUsage.READ)).isTrue();
        assertThat(FenceUsage.WRITE.waitsFor(FenceUsage.WRITE)).isTrue();
    }

    @Test
    @DisplayName("a table is contiguous when it has one segment, and then has an address")
    void table() {
        SgTable one = new SgTable(List.of(new Segment(0x1000, 0x2000)));
        assertThat(one.isContiguous()).isTrue();
        assertThat(one.contiguousAddress()).hasValue(0x1000);
        SgTable two = new SgTable(List.of(new Segment(0x1000, 0x2000), new Segment(0x8000, 1)));
        assertThat(two.isContiguous()).isFalse();
        assertThat(two.contiguousAddress()).isEqualTo(OptionalLong.empty());
        assertThat(two.byteSize()).isEqualTo(0x2001);
        assertThatThrownBy(() -> new SgTable(List.of())).hasMessage("a table has at least one segment");
    }

    @Test
    @DisplayName("a device has a name and a way")
    void device() {
        Device part = Device.ofParent("cam:1", List.of(DmaPath.parse("")), "cam");
        assertThat(part.parent()).isEqualTo(Optional.of("cam"));
        assertThat(Device.of("cam", part.paths()).parent()).isEmpty();
        assertInvalid(() -> Device.of(" ", part.paths()), "a device needs a name");
        assertInvalid(() -> Device.of("cam", List.of()), "device cam has no way to reach memory: give one path");
    }

    @Test
    @DisplayName("events have a subject, a verb and a topic; those of each CPU access are not among the usual ones")
    void events() {
        assertThat(EventKind.BUFFER_LEFT_OUT.subject()).isEqualTo("buffer");
        assertThat(EventKind.BUFFER_LEFT_OUT.verb()).isEqualTo("left out");
        assertThat(EventKind.BUFFER_LEFT_OUT.topic()).isEqualTo("dmabuf/buffer/LEFT_OUT");
        assertThat(EventKind.usual()).hasSize(EventKind.values().length - 2)
                .doesNotContain(EventKind.BUFFER_CPU_BEGUN, EventKind.BUFFER_CPU_ENDED);
        assertThat(Reason.GONE.errno()).isEqualTo("ESTALE");
        assertThat(HoldingKind.USER_MAPPING.words()).isEqualTo("user mapping");
    }
}
