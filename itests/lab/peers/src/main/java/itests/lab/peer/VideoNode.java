// SPDX-License-Identifier: Apache-2.0
package itests.lab.peer;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * A V4L2 node whose buffers are dma-bufs of somebody else, by V4L2_MEMORY_DMABUF. Numbers and offsets are those of
 * include/uapi/linux/videodev2.h on 64-bit machines.
 */
final class VideoNode implements AutoCloseable {
    static final int CAPTURE = 1;
    static final int OUTPUT = 2;

    static final int CAN_CAPTURE = 1;
    static final int CAN_CONVERT = 0x8000;

    private static final int MEMORY_DMABUF = 4;
    private static final int FIELD_NONE = 1;

    private static final long QUERYCAP = 0x80685600L;
    private static final long S_FMT = 0xc0d05605L;
    private static final long REQBUFS = 0xc0145608L;
    private static final long QBUF = 0xc058560fL;
    private static final long DQBUF = 0xc0585611L;
    private static final long STREAMON = 0x40045612L;
    private static final long STREAMOFF = 0x40045613L;
    private static final long S_PARM = 0xc0cc5616L;
    private static final long S_INPUT = 0xc0045627L;
    private static final long S_CTRL = 0xc008561cL;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    private final int fd;
    private final Arena arena = Arena.ofShared();

    private VideoNode(int fd) {
        this.fd = fd;
    }

    /** Returns the nodes of a driver, by number, that can do something; empty where there is none. */
    static List<Path> of(String driver, int capability) {
        try (Stream<Path> nodes = Files.list(Path.of("/dev"))) {
            return nodes.filter(node -> node.getFileName().toString().matches("video\\d+"))
                    .sorted((a, b) -> Integer.compare(number(a), number(b)))
                    .filter(node -> isOf(node, driver, capability))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int number(Path node) {
        return Integer.parseInt(node.getFileName().toString().substring("video".length()));
    }

    private static boolean isOf(Path node, String driver, int capability) {
        try (VideoNode video = open(node)) {
            MemorySegment answer = video.arena.allocate(104, 8);
            Posix.ioctl("VIDIOC_QUERYCAP", video.fd, QUERYCAP, answer);
            return answer.getString(0, StandardCharsets.US_ASCII).equals(driver)
                    && (answer.get(INT, 88) & capability) == capability;
        }
    }

    static VideoNode open(Path node) {
        return new VideoNode(Posix.open(node.toString()));
    }

    /** Sets a format; answers with what the driver made of it. */
    FrameFormat format(int type, int width, int height, PixelFormat pixel) {
        MemorySegment format = arena.allocate(208, 8);
        format.set(INT, 0, type);
        format.set(INT, 8, width);
        format.set(INT, 12, height);
        format.set(INT, 16, pixel.code());
        format.set(INT, 20, FIELD_NONE);
        Posix.ioctl("VIDIOC_S_FMT", fd, S_FMT, format);
        if (format.get(INT, 16) != pixel.code()) {
            throw new IllegalStateException("the driver knows no " + pixel);
        }
        return new FrameFormat(format.get(INT, 8), format.get(INT, 12), pixel, format.get(INT, 24), format.get(INT, 28));
    }

    void input(int number) {
        Posix.ioctl("VIDIOC_S_INPUT", fd, S_INPUT, arena.allocateFrom(INT, number));
    }

    void framesPerSecond(int type, int rate) {
        MemorySegment parameters = arena.allocate(204, 8);
        parameters.set(INT, 0, type);
        parameters.set(INT, 12, 1);
        parameters.set(INT, 16, rate);
        Posix.ioctl("VIDIOC_S_PARM", fd, S_PARM, parameters);
    }

    void control(int id, int value) {
        MemorySegment control = arena.allocate(8, 4);
        control.set(INT, 0, id);
        control.set(INT, 4, value);
        Posix.ioctl("VIDIOC_S_CTRL", fd, S_CTRL, control);
    }

    /** Makes room for this many buffers; 0 takes all of them back. */
    void slots(int type, int count) {
        MemorySegment request = arena.allocate(20, 4);
        request.set(INT, 0, count);
        request.set(INT, 4, type);
        request.set(INT, 8, MEMORY_DMABUF);
        Posix.ioctl("VIDIOC_REQBUFS", fd, REQBUFS, request);
        if (request.get(INT, 0) < count) {
            throw new IllegalStateException("the driver has room for " + request.get(INT, 0) + " buffers, not " + count);
        }
    }

    private MemorySegment buffer(int type, int slot) {
        MemorySegment buffer = arena.allocate(88, 8);
        buffer.set(INT, 0, slot);
        buffer.set(INT, 4, type);
        buffer.set(INT, 16, FIELD_NONE);
        buffer.set(INT, 60, MEMORY_DMABUF);
        return buffer;
    }

    void queue(int type, int slot, int dmaBuf, OptionalInt bytesUsed) {
        MemorySegment buffer = buffer(type, slot);
        bytesUsed.ifPresent(bytes -> buffer.set(INT, 8, bytes));
        buffer.set(INT, 64, dmaBuf);
        Posix.ioctl("VIDIOC_QBUF", fd, QBUF, buffer);
    }

    /** Waits for a buffer that the driver is done with. */
    Done dequeue(int type, Duration limit) {
        if (type == CAPTURE && !Posix.isReadable(fd, limit)) {
            throw new IllegalStateException("no frame within " + limit.toSeconds() + " s");
        }
        MemorySegment buffer = buffer(type, 0);
        Posix.ioctl("VIDIOC_DQBUF", fd, DQBUF, buffer);
        return new Done(buffer.get(INT, 0), buffer.get(INT, 56), buffer.get(INT, 8), (buffer.get(INT, 12) & 0x40) != 0);
    }

    /**
     * A buffer that came back.
     *
     * @param slot where it had been queued
     * @param sequence the number of the frame, counted by the driver
     * @param bytesUsed bytes of the frame
     * @param isBroken whether the driver says that its content is wrong
     */
    record Done(int slot, int sequence, int bytesUsed, boolean isBroken) {}

    void start(int type) {
        Posix.ioctl("VIDIOC_STREAMON", fd, STREAMON, arena.allocateFrom(INT, type));
    }

    /** Stops; gives all queued buffers back. */
    void stop(int type) {
        Posix.ioctl("VIDIOC_STREAMOFF", fd, STREAMOFF, arena.allocateFrom(INT, type));
    }

    @Override
    public void close() {
        arena.close();
        Posix.close(fd);
    }
}
