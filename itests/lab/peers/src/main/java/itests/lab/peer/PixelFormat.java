// SPDX-License-Identifier: Apache-2.0
package itests.lab.peer;

import java.nio.charset.StandardCharsets;

/** How a pixel lies in memory; V4L2 and DRM name most of them by the same four letters. */
public enum PixelFormat {
    /** Red, green, blue, a byte each: V4L2_PIX_FMT_RGB24. */
    RGB24("RGB3", 3),
    /** Blue, green, red and a byte of nothing: V4L2_PIX_FMT_XBGR32, DRM_FORMAT_XRGB8888. */
    XRGB8888("XR24", 4);

    private final String letters;
    private final int bytes;

    PixelFormat(String letters, int bytes) {
        this.letters = letters;
        this.bytes = bytes;
    }

    /** Returns the bytes of a pixel. */
    public int bytes() {
        return bytes;
    }

    int code() {
        byte[] ascii = letters.getBytes(StandardCharsets.US_ASCII);
        return ascii[0] | ascii[1] << 8 | ascii[2] << 16 | ascii[3] << 24;
    }
}
