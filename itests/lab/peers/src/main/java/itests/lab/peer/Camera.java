// SPDX-License-Identifier: Apache-2.0
package itests.lab.peer;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/**
 * The kernel's virtual camera, vivid: eight vertical bars in colour that wander, captured into buffers of ours. Its
 * first instance takes any memory, its second, with the contiguous back end ({@code vivid.allocators=0,1}), only what
 * is one piece.
 */
public final class Camera implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    // drivers/media/test-drivers/vivid/vivid-ctrls.c
    private static final int TEXT_ON_PICTURE = 0x00f0f001;
    private static final int NO_TEXT = 2;
    private static final int WANDERING = 0x00f0f002;
    private static final int WANDERS_RIGHT = 5;
    private static final int SENSOR = 0;
    private static final int HDMI = 3;

    private final VideoNode node;
    private final FrameFormat format;
    private boolean runs;

    private Camera(VideoNode node, FrameFormat format) {
        this.node = node;
        this.format = format;
    }

    /** Returns the nodes of the cameras, by number. */
    public static List<Path> nodes() {
        return VideoNode.of("vivid", VideoNode.CAN_CAPTURE);
    }

    /** Opens the sensor, which knows a few sizes (320x180, 640x360, ...), with room for this many buffers. */
    public static Camera sensor(Path path, int width, int height, PixelFormat pixel, int framesPerSecond, int slots) {
        Camera camera = open(path, SENSOR, width, height, pixel, slots);
        camera.node.framesPerSecond(VideoNode.CAPTURE, framesPerSecond);
        return camera;
    }

    /** Opens the HDMI input, which scales to any size, at 60 frames a second, with room for this many buffers. */
    public static Camera hdmi(Path path, int width, int height, PixelFormat pixel, int slots) {
        return open(path, HDMI, width, height, pixel, slots);
    }

    private static Camera open(Path path, int input, int width, int height, PixelFormat pixel, int slots) {
        VideoNode node = VideoNode.open(path);
        try {
            node.input(input);
            FrameFormat format = node.format(VideoNode.CAPTURE, width, height, pixel);
            node.control(TEXT_ON_PICTURE, NO_TEXT);
            node.control(WANDERING, WANDERS_RIGHT);
            node.slots(VideoNode.CAPTURE, slots);
            return new Camera(node, format);
        } catch (RuntimeException e) {
            node.close();
            throw e;
        }
    }

    /** Returns how its frames lie. */
    public FrameFormat format() {
        return format;
    }

    /** Gives it a dma-buf to fill. */
    public void queue(int slot, int dmaBuf) {
        node.queue(VideoNode.CAPTURE, slot, dmaBuf, OptionalInt.empty());
    }

    /** Starts to capture. */
    public void start() {
        node.start(VideoNode.CAPTURE);
        runs = true;
    }

    /** Waits for the next frame. */
    public Shot next() {
        VideoNode.Done done = node.dequeue(VideoNode.CAPTURE, LIMIT);
        if (done.isBroken() || done.bytesUsed() != format.byteSize()) {
            throw new IllegalStateException("the camera says that frame " + done.sequence() + " is broken");
        }
        return new Shot(done.slot(), done.sequence());
    }

    /**
     * A frame that is in its buffer.
     *
     * @param slot which buffer
     * @param sequence the number of the frame, counted by the camera
     */
    public record Shot(int slot, int sequence) {}

    /** Stops; lets go of every queued buffer. */
    public void stop() {
        if (runs) {
            runs = false;
            node.stop(VideoNode.CAPTURE);
        }
    }

    /** Stops, and lets go of every buffer. */
    @Override
    public void close() {
        try {
            stop();
        } finally {
            node.close();
        }
    }
}
