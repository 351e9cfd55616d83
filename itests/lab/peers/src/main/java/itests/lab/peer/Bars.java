// SPDX-License-Identifier: Apache-2.0
package itests.lab.peer;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.Set;

/**
 * The camera's picture as it was found in memory: eight bars, all lines alike. Bars wander from frame to frame, so a frame
 * that was put together from two has lines that differ, and one that did not reach all of its pages has none.
 *
 * @param white where the white bar begins, in pixels
 */
public record Bars(int white) {
    private static final int COLOURS = 8;

    /** Finds the bars; IllegalStateException says what is there instead. */
    public static Bars in(MemorySegment frame, FrameFormat format) {
        int line = format.width() * format.pixel().bytes();
        for (int y = 1; y < format.height(); y++) {
            long from = (long) y * format.stride();
            long differs = MemorySegment.mismatch(frame, from, from + line, frame, 0, line);
            if (differs >= 0) {
                throw new IllegalStateException("line " + y + " is not as line 0 from byte " + differs + " on");
            }
        }
        return in(pixels(frame, format));
    }

    private static Bars in(int[] pixels) {
        Set<Integer> colours = new HashSet<>();
        int white = 0;
        for (int x = 0; x < pixels.length; x++) {
            colours.add(pixels[x]);
            if (brightness(pixels[x]) > brightness(pixels[white])) {
                white = x;
            }
        }
        if (colours.size() != COLOURS) {
            throw new IllegalStateException("the picture has " + colours.size() + " colours, not " + COLOURS);
        }
        return new Bars(white == 0 && pixels[pixels.length - 1] == pixels[0] ? begin(pixels) : white);
    }

    /** The white bar goes over the edge: it begins at the far end. */
    private static int begin(int[] pixels) {
        int x = pixels.length - 1;
        while (pixels[x - 1] == pixels[0]) {
            x--;
        }
        return x;
    }

    private static int[] pixels(MemorySegment frame, FrameFormat format) {
        int[] pixels = new int[format.width()];
        for (int x = 0; x < pixels.length; x++) {
            long at = (long) x * format.pixel().bytes();
            pixels[x] = Byte.toUnsignedInt(frame.get(ValueLayout.JAVA_BYTE, at)) << 16
                    | Byte.toUnsignedInt(frame.get(ValueLayout.JAVA_BYTE, at + 1)) << 8
                    | Byte.toUnsignedInt(frame.get(ValueLayout.JAVA_BYTE, at + 2));
        }
        return pixels;
    }

    private static int brightness(int pixel) {
        return (pixel >> 16) + (pixel >> 8 & 0xff) + (pixel & 0xff);
    }
}
