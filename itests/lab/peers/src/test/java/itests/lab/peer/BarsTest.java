// SPDX-License-Identifier: Apache-2.0
package itests.lab.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

/** The judge of all frames: what is not a whole picture of the camera does not pass. */
class BarsTest {
    private static final FrameFormat FORMAT = new FrameFormat(64, 100, PixelFormat.RGB24, 192, 19200);

    private final MemorySegment frame = Arena.ofAuto().allocate(FORMAT.byteSize());

    /** Draws lines of the camera's picture, whose bars begin this far to the right. */
    private void draw(int firstLine, int lastLine, int shift) {
        for (int y = firstLine; y <= lastLine; y++) {
            for (int x = 0; x < FORMAT.width(); x++) {
                int bar = Math.floorMod(x - shift, FORMAT.width()) / 8;
                for (int colour = 0; colour < 3; colour++) {
                    int value = (((7 - bar) >> colour) & 1) * 200;
                    frame.set(ValueLayout.JAVA_BYTE, (long) y * FORMAT.stride() + 3L * x + colour, (byte) value);
                }
            }
        }
    }

    @Test
    void aWholePictureTellsWhereItsBarsAre() {
        draw(0, 99, 0);
        assertThat(Bars.in(frame, FORMAT)).isEqualTo(new Bars(0));
        draw(0, 99, 17);
        assertThat(Bars.in(frame, FORMAT)).isEqualTo(new Bars(17));
        draw(0, 99, 60);
        assertThat(Bars.in(frame, FORMAT)).as("the white bar goes over the edge").isEqualTo(new Bars(60));
    }

    @Test
    void aFrameOfTwoPicturesIsTorn() {
        draw(0, 59, 4);
        draw(60, 99, 6);
        assertThatThrownBy(() -> Bars.in(frame, FORMAT)).hasMessageContaining("line 60 is not as line 0");
    }

    @Test
    void aFrameThatDidNotReachAllItsPagesIsNone() {
        frame.fill((byte) 0xa5);
        draw(0, 20, 0);
        assertThatThrownBy(() -> Bars.in(frame, FORMAT)).hasMessageContaining("line 21 is not as line 0");
    }

    @Test
    void memoryThatNobodyWroteToIsNoPicture() {
        frame.fill((byte) 0xa5);
        assertThatThrownBy(() -> Bars.in(frame, FORMAT)).hasMessageContaining("1 colours, not 8");
    }
}
