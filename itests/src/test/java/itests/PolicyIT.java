// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.FIRST;
import static itests.Stage.MIB;
import static itests.Stage.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Attachment;
import dmabuf.api.AttachmentInfo;
import dmabuf.api.BufferInfo;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Mapping;
import dmabuf.api.Reason;
import dmabuf.api.spi.AttachPolicy;
import dmabuf.api.spi.Participant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.ServiceRegistration;

/** Attach policies on the whiteboard narrow and veto, and never widen. */
public class PolicyIT extends GatewayConfiguration {
    private static final long BASE = 0x1000_0000L;

    private Stage stage;
    private DmaBuf frame;

    @Before
    public void setUp() {
        stage = new Stage(context);
        stage.pool("pool", BASE, 16 * MIB, FIRST);
        stage.device("camera", "maxSegments=1 range=0x10001000..0x1fffffff");
        stage.device("codec", "");
        frame = stage.buffer(64 << 10);
    }

    @After
    public void tearDown() throws Exception {
        stage.close();
    }

    @Test
    public void aPolicyNarrows() {
        policy(0, (device, buffer) -> only("camera", device, "align=1M"));
        try (Attachment camera = frame.attach("camera"); Mapping mapping = camera.map(Direction.FROM_DEVICE)) {
            assertThat(frame.info().constraints().alignment()).isEqualTo(MIB);
            assertThat(mapping.table().contiguousAddress()).hasValue(BASE + MIB);
            assertThat(frame.info().attachments().getFirst().path().constraints().alignment()).isEqualTo(MIB);
        }
        frame.attach("codec");
        assertThat(frame.info().constraints()).as("the camera's narrowing went with it").isEqualTo(DmaConstraints.NEUTRAL);
    }

    @Test
    public void aPolicyCanNeverWiden() {
        policy(0, (device, buffer) -> DmaConstraints.parse("maxSegments=100 range=0..0xffffffffffffffff maxSize=1G"));
        frame.attach("camera");
        assertThat(frame.info().constraints())
                .isEqualTo(DmaConstraints.parse("maxSegments=1 range=0x10001000..0x1fffffff maxSize=1G"));
    }

    @Test
    public void severalPoliciesAllNarrowTheHighestRankingFirst() {
        List<String> asked = new CopyOnWriteArrayList<>();
        policy(1, (device, buffer) -> {
            asked.add("second");
            return DmaConstraints.parse("align=64K");
        });
        policy(2, (device, buffer) -> {
            asked.add("first");
            return DmaConstraints.parse("granule=8K");
        });
        frame.attach("codec");
        assertThat(frame.info().constraints()).isEqualTo(DmaConstraints.parse("align=64K granule=8K"));
        assertThat(asked).containsExactly("first", "second");
    }

    @Test
    public void aPolicySeesTheBufferAsItStandsAndVetoesWithItsOwnReason() {
        frame.attach("codec");
        BufferInfo before = frame.info();
        List<String> members = new CopyOnWriteArrayList<>();
        ServiceRegistration<AttachPolicy> policy = policy(0, (device, buffer) -> {
            buffer.attachments().stream().map(AttachmentInfo::device).forEach(members::add);
            throw new DmaBufException(Reason.ACCESS, device.device() + " is off duty");
        });

        DmaBufException veto = refusal(() -> frame.attach("camera"));

        assertThat(veto.reason()).isEqualTo(Reason.ACCESS);
        assertThat(veto).hasMessage("camera is off duty");
        assertThat(members).containsExactly("codec");
        assertThat(frame.info().attachments()).isEqualTo(before.attachments());
        assertThat(frame.info().constraints()).isEqualTo(before.constraints());
        assertThat(frame.info().lastRefusal().orElseThrow().text()).isEqualTo("camera is off duty");
        policy.unregister();
        frame.attach("camera");
    }

    @Test
    public void aVetoOfOneIsAVetoOfAllThatAttachTogether() {
        policy(0, (device, buffer) -> {
            if (device.device().equals("camera")) throw new DmaBufException(Reason.QUOTA, "one camera a day");
            return DmaConstraints.NEUTRAL;
        });
        assertThat(refusal(() -> frame.attach(List.of("codec", "camera"))).reason()).isEqualTo(Reason.QUOTA);
        assertThat(frame.info().attachments()).isEmpty();
        frame.attach("codec");
    }

    @Test
    public void whatLeavesNothingIsIncompatible() {
        policy(0, (device, buffer) -> only("camera", device, "range=0..0xfff"));
        assertThat(refusal(() -> frame.attach("camera")).reason()).isEqualTo(Reason.INCOMPATIBLE);
        assertThat(frame.info().attachments()).isEmpty();
    }

    @Test
    public void aBrokenPolicyHarmsOnlyTheAttachAtHand() {
        ServiceRegistration<AttachPolicy> broken = policy(0, (device, buffer) -> {
            throw new IllegalStateException("no battery");
        });
        DmaBufException refused = refusal(() -> frame.attach("camera"));
        assertThat(refused.reason()).isEqualTo(Reason.ACCESS);
        assertThat(refused).hasMessageContaining("no battery");
        broken.unregister();
        try (Attachment camera = frame.attach("camera")) {
            camera.map(Direction.TO_DEVICE).close();
        }
    }

    @Test
    public void aLateAttachIsJudgedTooAndMayMoveTheStorage() {
        frame.attach("codec");
        byte[] written = Pattern.fill(frame, 1);
        assertThat(frame.info().segments().getFirst().address()).isEqualTo(BASE);
        policy(0, (device, buffer) -> only("camera", device, "range=0x10800000..0x10ffffff"));

        frame.attach("camera");

        assertThat(frame.info().segments().getFirst().address()).isEqualTo(BASE + 8 * MIB);
        assertThat(frame.info().moves()).isEqualTo(1);
        assertThat(Pattern.read(frame)).isEqualTo(written);
    }

    private ServiceRegistration<AttachPolicy> policy(int ranking, AttachPolicy policy) {
        return stage.register(AttachPolicy.class, policy, Map.of("service.ranking", ranking));
    }

    private static DmaConstraints only(String name, Participant device, String constraints) {
        return device.device().equals(name) ? DmaConstraints.parse(constraints) : DmaConstraints.NEUTRAL;
    }
}
