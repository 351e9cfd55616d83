// SPDX-License-Identifier: Apache-2.0
package bench.work;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.DmaBuf;
import dmabuf.api.Exporter;

/** The bytes of the heap that one live, unmapped buffer with three attachments takes: the growth by many, after a collection. */
final class HeapBytes implements Gauge {
    private static final int COUNT = 20_000;

    private final Exporter exporter = Ground.usual().exporter("app");

    public static void main(String[] words) throws Exception {
        HeapBytes gauge = new HeapBytes();
        gauge.round(); // What is made once is made now.
        Gauge.serve(gauge);
    }

    @Override
    public double round() {
        DmaBuf[] buffers = new DmaBuf[COUNT];
        Attachment[] attachments = new Attachment[3 * COUNT];
        long before = used();
        for (int i = 0; i < COUNT; i++) {
            buffers[i] = exporter.create(BufferRequest.ofSize(Ground.MIB + i));
            for (int device = 0; device < 3; device++) {
                attachments[3 * i + device] = buffers[i].attach(Ground.DEVICES.get(device));
            }
        }
        long after = used();
        for (Attachment each : attachments) {
            each.close();
        }
        for (int i = 0; i < COUNT; i++) {
            buffers[i].close();
        }
        return (double) (after - before) / COUNT;
    }

    /** The least of several looks: what was just let go of takes a while to be found. */
    private static long used() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(least, Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory());
        }
        return least;
    }
}
