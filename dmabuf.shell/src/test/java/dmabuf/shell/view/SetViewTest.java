// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.view;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Direction;
import dmabuf.api.DmaConstraints;
import dmabuf.api.SetDevice;
import dmabuf.api.SetInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The listing of buffer sets. */
class SetViewTest {
    private static SetInfo queue(boolean orphaned) {
        return new SetInfo(
                5, "queue", "app.camera", 4, 3133440, 2, 1, 3, 2, orphaned, Optional.of("contig"),
                List.of(
                        new SetDevice("/soc/camera@1", Direction.FROM_DEVICE),
                        new SetDevice("/soc/encoder@2", Direction.TO_DEVICE)),
                DmaConstraints.NEUTRAL, List.of(6L, 7L, 8L, 9L), Optional.empty());
    }

    @Test
    void aSetIsOneLine() {
        assertThat(SetView.text(List.of(queue(false))).lines()).containsExactly(
                "SET      OWNER       BUFFERS  SIZE   GENERATION  FREE  ACQUIRED  DRAINING  ALLOCATOR  DEVICES",
                "queue#5  app.camera  4        3060K  2           1     3         2         contig     camera@1 from, encoder@2 to");
        assertThat(SetView.text(List.of(queue(true)))).contains("contig, orphaned");
        assertThat(SetView.text(List.of())).isEqualTo("no set is there\n");
    }

    @Test
    void dataHasAllFields() {
        Map<String, Object> data = SetView.data(queue(false));
        assertThat(data).containsEntry("draining", 2).containsEntry("buffers", List.of(6L, 7L, 8L, 9L));
        assertThat(data.get("devices")).asString()
                .isEqualTo("[{device=/soc/camera@1, direction=from_device}, {device=/soc/encoder@2, direction=to_device}]");
    }
}
