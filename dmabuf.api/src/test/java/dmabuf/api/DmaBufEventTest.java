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
    void aPatternIsFilledInWithTheValuesAsTheyAre() {
        DmaBufEvent event = created().buffer(7, "frame").device("{bundle}").allocator("pool").bundle("app")
                .line(" of {detail} for {device} from {allocator}, {bundle}", "4K")
                .build();
        assertThat(event.text()).isEqualTo("frame#7 of 4K for {bundle} from pool, app").isSameAs(event.text());
        assertThat(created().line("nothing to fill in", "").build().text()).isEqualTo("nothing to fill in");
        assertThat(created().line("{detail}{device}: {other} {device", "4K").build().text()).isEqualTo("4K: {other} {device");
        assertThat(created().line("a", "").words("b", "c").build().text()).isEqualTo("bc");
        assertThat(created().words("b", "c").line("a {detail}", "d").build().text()).isEqualTo("a d");
        assertThat(created().line("a", "").text("b").build().text()).isEqualTo("b");
    }

    @Test
    void whatIsSetAfterwardsIsOfTheNextEvent() {
        DmaBufEvent.Fields fields = created().buffer(7, "frame").device("cam").words(" is", " here");
        DmaBufEvent first = fields.build();
        DmaBufEvent second = fields.device("gpu").text("gone").build();
        assertThat(first.device()).hasValue("cam");
        assertThat(first.text()).isEqualTo("frame#7 is here");
        assertThat(second.device()).hasValue("gpu");
        assertThat(second.text()).isEqualTo("gone");
        assertThat(second.bufferId()).hasValue(7);
        assertThat(second.kind()).isEqualTo(first.kind());
        assertThat(second.moment()).isEqualTo(first.moment());
    }

    @Test
    void theMomentIsKeptToTheNanosecond() {
        Instant moment = Instant.ofEpochSecond(-5, 999_999_999);
        assertThat(DmaBufEvent.of(EventKind.DEVICE_LEFT, moment).build().moment()).isEqualTo(moment);
        assertThat(DmaBufEvent.of(EventKind.DEVICE_LEFT, Instant.MAX).build().moment()).isEqualTo(Instant.MAX);
    }

    @Test
    void changesOfTheCallersPartsAreNotSeen() {
        String[] parts = {" is ", "here"};
        DmaBufEvent event = created().buffer(7, "frame").words(parts).build();
        parts[1] = "gone";
        assertThat(event.text()).isEqualTo("frame#7 is here");
    }
}
