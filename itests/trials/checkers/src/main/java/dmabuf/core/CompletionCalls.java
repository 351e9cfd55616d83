// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Explanation;
import dmabuf.api.FenceState;
import dmabuf.api.Reason;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;

/** A {@link Completion} that is signalled, fails, is ended by force, and is asked to tell. */
public class CompletionCalls {
    private static final Explanation LATE = Explanation.of(Reason.TIMED_OUT, "late");
    private static final Explanation GONE = Explanation.of(Reason.GONE, "gone");

    private final Completion completion = Completion.after(List.of());
    private final AtomicInteger asked = new AtomicInteger();
    private final AtomicInteger told = new AtomicInteger();

    @Operation
    public boolean signal() {
        return completion.signal();
    }

    @Operation
    public boolean fail() {
        return completion.fail(LATE);
    }

    @Operation
    public boolean end() {
        return completion.end(GONE);
    }

    @Operation
    public FenceState state() {
        return completion.state();
    }

    @Operation
    public String error() {
        return completion.error().map(Explanation::text).orElse("none");
    }

    @Operation
    public void whenDone() {
        asked.incrementAndGet();
        completion.whenDone(told::incrementAndGet);
    }

    /** Whoever asked is told once, when it is done. */
    @Validate
    public void everybodyIsToldOnce() {
        int expected = completion.isDone() ? asked.get() : 0;
        if (told.get() != expected) {
            throw new AssertionError(told.get() + " of " + expected + " are told");
        }
    }
}
