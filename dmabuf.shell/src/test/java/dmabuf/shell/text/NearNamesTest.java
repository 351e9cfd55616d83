// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NearNamesTest {
    @Test
    void fewLettersApart() {
        assertThat(NearNames.of("maxSegment", Set.of("maxSegments", "maxSegmentSize", "align")))
                .startsWith("maxSegments")
                .doesNotContain("align");
    }

    @Test
    void aPartOfALongName() {
        assertThat(NearNames.of("codec", List.of("/soc@0/video-codec@38300000", "/soc@0/gpu@38000000")))
                .containsExactly("/soc@0/video-codec@38300000");
    }

    @Test
    void atMostThree() {
        assertThat(NearNames.of("cam", List.of("cam0", "cam1", "cam2", "cam3"))).hasSize(3);
    }

    @Test
    void nothingNearShowsWhatIsKnown() {
        assertThat(NearNames.hint("xyzzy", List.of("cam", "gpu"))).isEqualTo("known: cam gpu");
        assertThat(NearNames.hint("cma", List.of("cam"))).isEqualTo("known: cam");
        assertThat(NearNames.hint("camm", List.of("cam"))).isEqualTo("did you mean cam?");
        assertThat(NearNames.hint("cam", List.of())).isEqualTo("none is known");
    }

    @Test
    void distanceCountsChanges() {
        assertThat(NearNames.distance("kitten", "sitting")).isEqualTo(3);
        assertThat(NearNames.distance("", "abc")).isEqualTo(3);
        assertThat(NearNames.distance("abc", "abc")).isZero();
    }
}
