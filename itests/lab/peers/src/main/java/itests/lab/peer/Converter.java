// SPDX-License-Identifier: Apache-2.0
package itests.lab.peer;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/** The kernel's virtual mem-to-mem device, vim2m: reads a frame from one dma-buf and writes it into another. */
public final class Converter implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final VideoNode node;
    private final FrameFormat format;

    private Converter(VideoNode node, FrameFormat format) {
        this.node = node;
        this.format = format;
    }

    /** Returns its nodes; empty where the kernel has none. */
    public static List<Path> nodes() {
        return VideoNode.of("vim2m", VideoNode.CAN_CONVERT);
    }

    /** Opens it for frames of the same format on both sides. */
    public static Converter open(Path path, int width, int height, PixelFormat pixel) {
        VideoNode node = VideoNode.open(path);
        try {
            FrameFormat format = node.format(VideoNode.OUTPUT, width, height, pixel);
            if (!format.equals(node.format(VideoNode.CAPTURE, width, height, pixel))) {
                throw new IllegalStateException("the two sides of the device differ in format");
            }
            node.slots(VideoNode.OUTPUT, 1);
            node.slots(VideoNode.CAPTURE, 1);
            return new Converter(node, format);
        } catch (RuntimeException e) {
            node.close();
            throw e;
        }
    }

    /** Returns how its frames lie, on both sides. */
    public FrameFormat format() {
        return format;
    }

    /** Moves one frame. */
    public void convert(int from, int to) {
        node.queue(VideoNode.OUTPUT, 0, from, OptionalInt.of(format.byteSize()));
        node.queue(VideoNode.CAPTURE, 0, to, OptionalInt.empty());
        node.start(VideoNode.OUTPUT);
        node.start(VideoNode.CAPTURE);
        node.dequeue(VideoNode.CAPTURE, LIMIT);
        node.dequeue(VideoNode.OUTPUT, LIMIT);
        node.stop(VideoNode.CAPTURE);
        node.stop(VideoNode.OUTPUT);
    }

    @Override
    public void close() {
        node.close();
    }
}
