// SPDX-License-Identifier: Apache-2.0
package itests.lab.peer;

import static itests.lab.peer.DrmCard.INT;
import static itests.lab.peer.DrmCard.LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** The first output of a card: makes framebuffers of handles and shows them. Pixels are XRGB8888, lines without gaps. */
public final class Display {
    private static final long GETRESOURCES = 0xc04064a0L;
    private static final long GETCONNECTOR = 0xc05064a7L;
    private static final long ADDFB2 = 0xc06864b8L;
    private static final long RMFB = 0xc00464afL;
    private static final long SETCRTC = 0xc06864a2L;
    private static final long CREATE_DUMB = 0xc02064b2L;
    private static final long MAP_DUMB = 0xc01064b3L;
    private static final int MODE_BYTES = 68; // struct drm_mode_modeinfo
    private static final int MANY = 64;

    private final DrmCard card;
    private final int crtc;
    private final int connector;
    private final int width;
    private final int height;

    /** Takes the first output, which must know a mode of this size. */
    public Display(DrmCard card, int width, int height) {
        this.card = card;
        this.width = width;
        this.height = height;
        MemorySegment crtcs = card.struct(4 * MANY);
        MemorySegment connectors = card.struct(4 * MANY);
        MemorySegment resources = card.struct(64);
        resources.set(LONG, 8, crtcs.address());
        resources.set(LONG, 16, connectors.address());
        resources.set(INT, 36, MANY);
        resources.set(INT, 40, MANY);
        card.ioctl("DRM_IOCTL_MODE_GETRESOURCES", GETRESOURCES, resources);
        this.crtc = crtcs.get(INT, 0);
        this.connector = connectors.get(INT, 0);
    }

    /** Makes a framebuffer of a handle; returns its id. */
    public int addFramebuffer(int handle) {
        MemorySegment framebuffer = card.struct(104);
        framebuffer.set(INT, 4, width);
        framebuffer.set(INT, 8, height);
        framebuffer.set(INT, 12, PixelFormat.XRGB8888.code());
        framebuffer.set(INT, 20, handle);
        framebuffer.set(INT, 36, width * PixelFormat.XRGB8888.bytes());
        card.ioctl("DRM_IOCTL_MODE_ADDFB2", ADDFB2, framebuffer);
        return framebuffer.get(INT, 0);
    }

    /** Takes a framebuffer back; where it is shown, the output goes dark. */
    public void removeFramebuffer(int framebuffer) {
        MemorySegment id = card.struct(4);
        id.set(INT, 0, framebuffer);
        card.ioctl("DRM_IOCTL_MODE_RMFB", RMFB, id);
    }

    /** Sets the mode and shows a framebuffer; returns the name of the mode. */
    public String show(int framebuffer) {
        MemorySegment mode = mode();
        MemorySegment connectors = card.struct(4);
        connectors.set(INT, 0, connector);
        MemorySegment request = card.struct(104);
        request.set(LONG, 0, connectors.address());
        request.set(INT, 8, 1);
        request.set(INT, 12, crtc);
        request.set(INT, 16, framebuffer);
        request.set(INT, 32, 1);
        MemorySegment.copy(mode, 0, request, 36, MODE_BYTES);
        card.ioctl("DRM_IOCTL_MODE_SETCRTC", SETCRTC, request);
        return mode.getString(36, StandardCharsets.US_ASCII);
    }

    private MemorySegment mode() {
        MemorySegment request = card.struct(80);
        request.set(INT, 48, connector);
        card.ioctl("DRM_IOCTL_MODE_GETCONNECTOR", GETCONNECTOR, request); // without room for answers: probes
        MemorySegment modes = card.struct(MODE_BYTES * 256L);
        int count = request.get(INT, 32);
        request = card.struct(80);
        request.set(LONG, 8, modes.address());
        request.set(INT, 32, count);
        request.set(INT, 48, connector);
        card.ioctl("DRM_IOCTL_MODE_GETCONNECTOR", GETCONNECTOR, request);
        for (int i = 0; i < count; i++) {
            MemorySegment mode = modes.asSlice((long) i * MODE_BYTES, MODE_BYTES);
            if (mode.get(ValueLayout.JAVA_SHORT_UNALIGNED, 4) == width && mode.get(ValueLayout.JAVA_SHORT_UNALIGNED, 14) == height) {
                return mode;
            }
        }
        throw new IllegalStateException("no mode " + width + "x" + height + " among " + count);
    }

    /** Makes a buffer in the card's own memory; returns its handle. */
    public int own() {
        MemorySegment request = card.struct(32);
        request.set(INT, 0, height);
        request.set(INT, 4, width);
        request.set(INT, 8, PixelFormat.XRGB8888.bytes() * Byte.SIZE);
        card.ioctl("DRM_IOCTL_MODE_CREATE_DUMB", CREATE_DUMB, request);
        return request.get(INT, 16);
    }

    /** Maps a buffer of the card's own memory. */
    public MemorySegment mapOwn(int handle, Arena lifetime) {
        MemorySegment request = card.struct(16);
        request.set(INT, 0, handle);
        card.ioctl("DRM_IOCTL_MODE_MAP_DUMB", MAP_DUMB, request);
        return Posix.map(card.descriptor(), request.get(LONG, 8), byteSize(), lifetime);
    }

    /** Returns the bytes of a frame. */
    public int byteSize() {
        return width * height * PixelFormat.XRGB8888.bytes();
    }
}
