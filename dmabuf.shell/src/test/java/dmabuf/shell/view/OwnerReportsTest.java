// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.view;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.HoldingInfo;
import dmabuf.api.HoldingKind;
import dmabuf.api.OwnerInfo;
import dmabuf.api.QuotaInfo;
import dmabuf.shell.text.Json;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class OwnerReportsTest {
    private static final Instant NOON = Instant.parse("2026-11-21T12:00:00Z");

    private static final QuotaInfo QUOTA = new QuotaInfo(
            "acme", Optional.of("all"), Optional.empty(), 8 << 20, OptionalLong.of(32 << 20), 2, OptionalLong.empty());

    private static final OwnerInfo OWNER = new OwnerInfo(
            "acme.cam", false, 2, Map.of(HoldingKind.REFERENCE, 2, HoldingKind.CPU_ACCESS, 1),
            List.of(new OwnerInfo.Pool("system", 8 << 20, 1, 2 << 20), new OwnerInfo.Pool("sram", 0, 1)), List.of(QUOTA));

    private static final HoldingInfo MAPPING = new HoldingInfo(
            HoldingKind.MAPPING, "acme.cam", 3, "frame", Optional.of("/soc/cam@1"), Optional.of(NOON),
            List.of(new StackTraceElement("acme.Camera", "grab", "Camera.java", 42)));

    private static final HoldingInfo UNTOLD = new HoldingInfo(
            HoldingKind.CPU_ACCESS, "acme.cam", 3, "frame", Optional.empty(), Optional.empty(), List.of());

    @Test
    void ownersAndQuotasAreATableEach() {
        assertThat(OwnerView.text(List.of(OWNER), List.of(QUOTA))).isEqualTo(
                """
                OWNER     BUFFERS  HANDLES  ATTACHED  MAPPED  CPU  USER  FILES  FENCES  MEMORY  DESCRIPTORS  POOLS
                acme.cam  2        2        0         0       1    0     0      0       8M      2            system=8M (kept 2M),sram=0

                QUOTA  OWNER  BELOW  MEMORY     DESCRIPTORS
                acme   -      all    8M of 32M  2
                """);
        assertThat(OwnerView.text(List.of(), List.of())).startsWith("nobody holds anything, and there is no quota");
    }

    @Test
    void anOwnerAsData() {
        assertThat(Json.write(OwnerView.data(OWNER))).isEqualTo(
                "{\"name\":\"acme.cam\",\"stopped\":false,\"buffers\":2,\"held\":{\"reference\":2,\"attachment\":0,"
                        + "\"mapping\":0,\"cpuaccess\":1,\"usermapping\":0,\"file\":0,\"fence\":0,\"syncfile\":0,\"set\":0},\"memory\":8388608,"
                        + "\"descriptors\":2,\"pools\":[{\"allocator\":\"system\",\"memory\":8388608,\"descriptors\":1,\"kept\":2097152},"
                        + "{\"allocator\":\"sram\",\"memory\":0,\"descriptors\":1,\"kept\":0}],\"quotas\":[{\"name\":\"acme\","
                        + "\"parent\":\"all\",\"owner\":null,\"memory\":8388608,\"memoryLimit\":33554432,\"descriptors\":2,"
                        + "\"descriptorLimit\":null}]}");
    }

    @Test
    void leaksSayForHowLongAndFromWhere() {
        LeakView.Stuck lent = new LeakView.Stuck("heap:system", "lent: somebody holds it", "4K");
        assertThat(LeakView.text(List.of(UNTOLD, MAPPING), List.of(lent), NOON.plusSeconds(3725))).isEqualTo(
                """
                HELD        BUFFER   OWNER     DEVICE  FOR        OPENED AT
                cpu access  frame#3  acme.cam  -       ?          -
                mapping     frame#3  acme.cam  cam@1   1 h 2 min  acme.Camera.grab(Camera.java:42)

                STORAGE      SIZE  WHY IT IS STILL THERE
                heap:system  4K    lent: somebody holds it
                """);
        assertThat(LeakView.text(List.of(), List.of(), NOON)).isEqualTo("nothing\n");
        assertThat(Json.write(LeakView.data(List.of(MAPPING), List.of(lent)))).isEqualTo(
                "[{\"kind\":\"mapping\",\"name\":\"frame\",\"id\":3,\"owner\":\"acme.cam\",\"device\":\"/soc/cam@1\","
                        + "\"since\":\"2026-11-21T12:00:00Z\",\"site\":[\"acme.Camera.grab(Camera.java:42)\"]},"
                        + "{\"kind\":\"storage\",\"name\":\"heap:system\",\"size\":\"4K\",\"why\":\"lent: somebody holds it\"}]");
    }
}
