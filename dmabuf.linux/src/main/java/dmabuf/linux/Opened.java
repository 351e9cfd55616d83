// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import java.util.ArrayDeque;
import java.util.Deque;

/** Descriptors that are closed at the end of a block, last first, but for those that are kept. For one thread. */
final class Opened implements AutoCloseable {
    private final SystemCalls calls;
    private final Deque<Integer> descriptors = new ArrayDeque<>();

    Opened(SystemCalls calls) {
        this.calls = calls;
    }

    /** Takes a descriptor. */
    int add(int descriptor) {
        descriptors.push(descriptor);
        return descriptor;
    }

    /** Leaves a descriptor to somebody else. */
    void keep(int descriptor) {
        descriptors.remove(descriptor);
    }

    /** Leaves all to somebody else. */
    void keepAll() {
        descriptors.clear();
    }

    /** Closes them all, also when one of them fails; the first failure is thrown. */
    @Override
    public void close() {
        while (!descriptors.isEmpty()) {
            int next = descriptors.pop();
            try {
                calls.close(next);
            } catch (RuntimeException | Error e) {
                closeAfter(e);
                throw e;
            }
        }
    }

    /** Closes them all because of a failure, which takes with it what fails in closing. */
    void closeAfter(Throwable first) {
        try {
            close();
        } catch (RuntimeException | Error e) {
            first.addSuppressed(e);
        }
    }
}
