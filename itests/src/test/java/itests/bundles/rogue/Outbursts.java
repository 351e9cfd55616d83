// SPDX-License-Identifier: Apache-2.0
package itests.bundles.rogue;

import java.util.concurrent.CountDownLatch;

/** All that a method can end in but an answer. What is thrown carries an object of this bundle, as text and as a cause. */
final class Outbursts {
    private Outbursts() {}

    /** An exception class that nobody else has. */
    private static final class Own extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Own() {
            super("own", new Own(0));
        }

        private Own(int depth) {
            super("cause " + depth);
        }
    }

    /** One whose very description fails. */
    private static final class Unspeakable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new StackOverflowError("no words");
        }
    }

    static void of(String kind, CountDownLatch latch) {
        switch (kind) {
            case "Own" -> throw new Own();
            case "Unspeakable" -> throw new Unspeakable();
            case "IllegalStateException" -> throw new IllegalStateException("on purpose");
            case "LinkageError" -> throw new NoClassDefFoundError("on/purpose");
            case "OutOfMemoryError" -> throw new OutOfMemoryError("on purpose");
            case "StackOverflowError" -> throw new StackOverflowError("on purpose");
            case "Error" -> throw new Error("on purpose", new Own());
            case "hang" -> hang(latch);
            default -> {}
        }
    }

    /** Does not end for an interrupt either. */
    private static void hang(CountDownLatch latch) {
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                // It is what hangs that is tested.
            }
        }
    }
}
