// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import dmabuf.api.DmaBufEvent;
import dmabuf.api.DmaBufListener;
import dmabuf.shell.text.Json;
import dmabuf.shell.view.EventView;
import java.io.PrintStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Prints events as they come, until there were enough. A terminal that stands still loses events, and is told. */
final class Watch implements DmaBufListener {
    private final PrintStream out;
    private final boolean json;
    private final CountDownLatch enough;
    private long left;

    Watch(PrintStream out, boolean json, long count) {
        this.out = out;
        this.json = json;
        this.left = count;
        this.enough = new CountDownLatch(1);
    }

    @Override
    public synchronized void event(DmaBufEvent event) {
        if (left == 0) {
            return;
        }
        out.println(json ? Json.write(EventView.data(event)) : EventView.text(event));
        out.flush();
        if (--left == 0) {
            enough.countDown();
        }
    }

    /** Waits until there were enough; false when the time is over before. */
    boolean await(Duration time) throws InterruptedException {
        return enough.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Prints nothing more. */
    synchronized void end() {
        left = 0;
    }
}
