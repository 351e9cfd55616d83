// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.view;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.DeviceInfo;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.spi.Finding;
import dmabuf.shell.text.Json;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class DoctorViewTest {
    private static final Finding HEAP = new Finding("memory", "heap:system", Finding.State.OK, "usable");
    private static final Finding UDMABUF = new Finding(
            "memory", "udmabuf", Finding.State.MISSING,
            "/dev/udmabuf: ENOENT: kernel option CONFIG_UDMABUF, or modprobe udmabuf, and much more that needs a second line");

    private static AllocatorInfo allocator(Map<String, String> description) {
        return new AllocatorInfo(
                "system", 200, "system", "system", "allocator.system", Optional.empty(), OptionalInt.empty(), false,
                Optional.empty(), description);
    }

    @Test
    void everyAreaIsNamedOnceAndLongTextIsWrapped() {
        List<AllocatorInfo> allocators =
                List.of(allocator(Map.of("ram", "0..1", "source", "udmabuf", "source not heap:system", "ENOENT", "source of g1", "iommufd",
                        "source of g2 not iommufd or vfio-type1", "EACCES")));
        List<Finding> findings = DoctorView.with(List.of(HEAP, UDMABUF), allocators, List.of());
        assertThat(DoctorView.text(findings)).isEqualTo(
                """
                memory     ok      heap:system  usable
                           missing udmabuf      /dev/udmabuf: ENOENT: kernel option CONFIG_UDMABUF, or modprobe udmabuf, and much more that needs a
                                                second line
                allocators missing system       takes udmabuf; better, but not there: heap:system; g1 by iommufd
                all that is needed works; 2 remedies would make it better
                """);
        assertThat(DoctorView.isWell(findings)).isTrue();
        assertThat(Json.write(DoctorView.data(HEAP)))
                .isEqualToIgnoringWhitespace(
                        "{\"area\":\"memory\",\"subject\":\"heap:system\",\"state\":\"ok\",\"text\":\"usable\"}");
        assertThat(DoctorView.text(List.of(HEAP))).endsWith("all is well\n");
    }

    @Test
    void aGroupThatNobodyMapsForIsMissing() {
        List<Finding> findings = DoctorView.with(
                List.of(), List.of(allocator(Map.of("source", "udmabuf", "source of g2", "none",
                        "source of g2 not iommufd or vfio-type1", "EACCES"))), List.of());
        assertThat(DoctorView.text(findings)).startsWith("allocators missing system  takes udmabuf; g2 by none\n");
        assertThat(DoctorView.isWell(findings)).isTrue();
    }

    @Test
    void withoutAllocatorAndForADeviceThatNoneAcceptsItFails() {
        DeviceInfo device = new DeviceInfo(
                "/soc/cam@1", Optional.empty(), List.of(DmaPath.of(DmaConstraints.NEUTRAL)), Map.of(), List.of());
        List<Finding> findings = DoctorView.with(List.of(), List.of(), List.of(device));
        assertThat(DoctorView.isWell(findings)).isFalse();
        assertThat(DoctorView.text(findings)).contains("there is none: start their bundles")
                .contains("no allocator accepts cam@1")
                .endsWith("2 failures: what is needed does not work\n");
        assertThat(DoctorView.text(DoctorView.with(List.of(), List.of(allocator(Map.of())), List.of())))
                .contains("ok      system  says nothing of its source");
        assertThat(DoctorView.isWell(DoctorView.with(List.of(), List.of(allocator(Map.of("source", "none"))), List.of())))
                .isFalse();
    }
}
