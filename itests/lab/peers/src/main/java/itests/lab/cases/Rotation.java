// SPDX-License-Identifier: Apache-2.0
package itests.lab.cases;

import dmabuf.api.Exporter;
import itests.lab.peer.Bars;
import itests.lab.peer.Camera;
import java.util.ArrayList;
import java.util.List;

/** A camera that fills buffers of ours one after the other. */
final class Rotation implements AutoCloseable {
    private final Camera camera;
    private final List<Held> buffers = new ArrayList<>();

    private Rotation(Camera camera) {
        this.camera = camera;
    }

    /** Makes the buffers, poisons them, and queues all; the camera does not run yet and stays the caller's. */
    static Rotation of(Exporter exporter, Camera camera, int slots, String... devices) {
        Rotation rotation = new Rotation(camera);
        try {
            for (int slot = 0; slot < slots; slot++) {
                Held held = Held.of(exporter, "frame" + slot, camera.format().byteSize(), devices);
                rotation.buffers.add(held);
                held.write(segment -> segment.fill((byte) 0xa5));
                rotation.queue(slot);
            }
            return rotation;
        } catch (RuntimeException e) {
            rotation.close();
            throw e;
        }
    }

    Held buffer(int slot) {
        return buffers.get(slot);
    }

    List<Held> buffers() {
        return buffers;
    }

    void queue(int slot) {
        buffers.get(slot).lend(descriptor -> camera.queue(slot, descriptor));
    }

    /** Waits for the next frame and finds its bars. */
    Frame next() {
        Camera.Shot shot = camera.next();
        Bars bars = buffers.get(shot.slot()).read(segment -> Bars.in(segment, camera.format()));
        return new Frame(shot, bars);
    }

    /**
     * A frame as it was found in its buffer.
     *
     * @param shot which
     * @param bars where its bars are
     */
    record Frame(Camera.Shot shot, Bars bars) {}

    /** Stops the camera and closes all buffers. */
    @Override
    public void close() {
        camera.stop();
        buffers.forEach(Held::close);
    }
}
