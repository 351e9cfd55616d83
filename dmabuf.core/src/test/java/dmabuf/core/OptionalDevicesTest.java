// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dmabuf.api.AttachRequest;
import dmabuf.api.AttachResult;
import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufEvent;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.EventKind;
import dmabuf.api.LeftOut;
import dmabuf.api.Reason;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Optional devices: each joins if it fits, else the buffer goes on without it and says so. */
class OptionalDevicesTest {
    private static final long LOW = 0x1000_0000L;

    private final Bench bench = new Bench()
            .devices("cam", "codec")
            .device("below", "range=0x0..0xfffffff")
            .device("high", "range=0x100000000..0x1ffffffff")
            .device("npu", "access=2")
            .device("dsp", "access=1");

    private final List<DmaBufEvent> told = new CopyOnWriteArrayList<>();

    OptionalDevicesTest() {
        bench.pool("pool", 0, LOW);
        bench.sandbox.core().events().add(told::add, Set.of(EventKind.BUFFER_LEFT_OUT), "test");
    }

    @AfterEach
    void nothingIsLeft() {
        bench.close();
    }

    private static List<String> names(List<Attachment> attachments) {
        return attachments.stream().map(Attachment::device).toList();
    }

    @Test
    void whatFitsJoinsAndWhatDoesNotIsLeftOutWithItsReason() {
        DmaBuf frame = bench.buffer(4096);
        AttachResult result =
                frame.attach(AttachRequest.of(List.of("codec", "cam")).withOptional(List.of("high", "dsp")));
        assertThat(names(result.attachments())).containsExactly("codec", "cam", "dsp");
        assertThat(result.leftOut()).singleElement().satisfies(left -> {
            assertThat(left.device()).isEqualTo("high");
            assertThat(left.explanation().reason()).isEqualTo(Reason.NO_ALLOCATOR);
        });
        assertThat(frame.info().leftOut()).isEqualTo(result.leftOut());
        assertThat(result.attachments().getFirst().map(Direction.TO_DEVICE).allocator()).isEqualTo("pool");
        Awaitility.await().untilAsserted(() -> assertThat(told).singleElement().satisfies(event -> {
            assertThat(event.device()).contains("high");
            assertThat(event.text()).startsWith("frame#1 goes on without high: ");
            assertThat(event.reason()).contains(Reason.NO_ALLOCATOR);
        }));
    }

    @Test
    void whoComesFirstInTheListGoesBefore() {
        assertThat(left("npu", "dsp")).containsExactly("dsp");
        assertThat(left("dsp", "npu")).containsExactly("npu");
    }

    private List<String> left(String... optional) {
        try (DmaBuf frame = bench.buffer(4096)) {
            AttachResult result = frame.attach(AttachRequest.of(List.of("cam")).withOptional(List.of(optional)));
            assertThat(result.leftOut()).extracting(each -> each.explanation().reason())
                    .containsExactly(Reason.INCOMPATIBLE);
            result.attachments().forEach(Attachment::close);
            return result.leftOut().stream().map(LeftOut::device).toList();
        }
    }

    @Test
    void aRequiredDeviceThatIsRefusedLeavesNobodyAttached() {
        DmaBuf frame = bench.buffer(4096);
        DmaBufException refusal = Bench.refusal(() ->
                frame.attach(AttachRequest.of(List.of("cam", "high")).withOptional(List.of("codec"))));
        assertThat(refusal.reason()).isEqualTo(Reason.NO_ALLOCATOR);
        assertThat(frame.info().attachments()).isEmpty();
        assertThat(frame.info().leftOut()).isEmpty();
    }

    @Test
    void anAbsentDeviceIsLeftOutAndMayJoinWhenItComes() {
        DmaBuf frame = bench.buffer(4096);
        AttachResult result = frame.attach(AttachRequest.of(List.of("cam")).withOptional(List.of("later")));
        assertThat(result.leftOut()).singleElement().satisfies(left ->
                assertThat(left.explanation().text()).contains("later"));
        bench.device("later", "");
        frame.attach("later");
        assertThat(frame.info().leftOut()).as("it is a member now").isEmpty();
    }

    @Test
    void misuseIsRefusedBeforeAnythingAttaches() {
        DmaBuf frame = bench.buffer(4096);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> frame.attach(AttachRequest.of(List.of("cam")).withOptional(List.of("(name=cam)"))))
                .withMessage("device cam is named twice");
        frame.attach("codec");
        assertThatIllegalStateException()
                .isThrownBy(() -> frame.attach(AttachRequest.of(List.of("cam")).withOptional(List.of("codec"))))
                .withMessage("device codec is attached to buffer frame already");
        assertThat(frame.info().attachments()).extracting(info -> info.device()).containsExactly("codec");
    }

    /** Its owner stops while a policy is asked about the device that would be left out. */
    @Test
    void whoHasNoBufferAnyMoreGoesOnWithoutNobody() {
        Core core = bench.sandbox.core();
        Owner leaving = new Owner("viewer");
        DmaBuf frame = new OwnedExporter(core, leaving).create(BufferRequest.ofSize(4096));
        bench.sandbox.addPolicy((device, _) -> {
            if (device.device().equals("codec")) {
                leaving.leave();
                throw new DmaBufException(Reason.ACCESS, "no");
            }
            return DmaConstraints.NEUTRAL;
        });
        AttachRequest request = AttachRequest.of(List.of("cam")).withOptional(List.of("codec"));
        assertThat(Bench.refusal(() -> frame.attach(request)).reason()).isEqualTo(Reason.GONE);
        assertThat(frame.info().attachments()).isEmpty();
        assertThat(told).isEmpty();
        core.arrivals().removeOwner(leaving);
    }

    @Test
    void anOptionalDeviceThatTheStorageDoesNotSuitIsLeftOutWhileItIsHeld() {
        bench.pool("low", -1, 0x0);
        DmaBuf frame = bench.buffer(4096);
        var held = frame.attach("cam").map(Direction.TO_DEVICE);
        LeftOut left = frame.attach(AttachRequest.of(List.of()).withOptional(List.of("below"))).leftOut().getFirst();
        assertThat(left.explanation().reason()).isEqualTo(Reason.BUSY);
        assertThat(held.allocator()).isEqualTo("pool");
        held.close();
        assertThat(frame.attach(AttachRequest.of(List.of()).withOptional(List.of("below"))).leftOut()).isEmpty();
        assertThat(frame.info().allocator()).contains("low");
    }

    @Test
    void optionalDevicesAloneMayAllBeLeftOut() {
        DmaBuf frame = bench.buffer(4096);
        AttachResult result = frame.attach(AttachRequest.of(List.of()).withOptional(List.of("high")));
        assertThat(result.attachments()).isEmpty();
        assertThat(result.leftOut()).hasSize(1);
    }
}
