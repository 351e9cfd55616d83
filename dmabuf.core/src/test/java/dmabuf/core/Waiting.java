// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Waits for conditions in doubles; long enough that only a broken core reaches the end. */
final class Waiting {
    private Waiting() {}

    static void on(CountDownLatch latch) {
        try {
            if (!latch.await(60, TimeUnit.SECONDS)) {
                throw new AssertionError("what was waited for never came");
            }
        } catch (InterruptedException e) {
            throw new AssertionError("interrupted", e);
        }
    }
}
