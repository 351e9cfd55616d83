// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The line in words: as it is given, or put together from its parts. */
class DmaBufEventTest {
    private static DmaBufEvent.Fields created() {
        return DmaBufEvent.of(EventKind.BUFFER_CREATED, Instant.EPOCH);
    }

    @Test
    void partsComeAfterTheBuffer() {
        DmaBufEvent event = created().words(" is", " here").buffer(7, "frame").build();
        assertThat(event.text()).isEqualTo("frame#7 is here").isSameAs(event.text());
        assertThat(event).hasToString("BUFFER_CREATED: frame#7 is here");
        assertThat(DmaBufEvent.of(EventKind.DEVICE_LEFT, Instant.EPOCH).words("device ", "gpu").build().text())
                .isEqualTo("device gpu");
    }

    @Test
    void whatIsSetLastCounts() {
        assertThat(created().buffer(7, "frame").build().text()).isEmpty();
        assertThat(created().buffer(7, "frame").words(" left").text("gone").build().text()).isEqualTo("gone");
        assertThat(created().buffer(7, "frame").text("gone").words(" left").build().text()).isEqualTo("frame#7 left");
    }

    @Test
    void changesOfTheCallersPartsAreNotSeen() {
        String[] parts = {" is ", "here"};
        DmaBufEvent event = created().buffer(7, "frame").words(parts).build();
        parts[1] = "gone";
        assertThat(event.text()).isEqualTo("frame#7 is here");
    }
}
