// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Blame;
import dmabuf.api.DmaBufException;
import dmabuf.api.Explanation;
import dmabuf.api.LeftOut;
import dmabuf.api.Reason;
import java.time.Duration;
import java.util.List;

/** Waits for the devices that a buffer's creator named, and says who is missing when their time is over. */
final class Readiness {
    private final Core core;

    Readiness(Core core) {
        this.core = core;
    }

    /** Lets the time run that a creator gave; answers what ends it early. */
    Deadlines.Pending watch(Buffer buffer) {
        if (buffer.expectation().isEmpty() || buffer.request().readyWithin().isEmpty()) {
            return Deadlines.Pending.NONE;
        }
        // The conclusions may have to wait for the buffer's lock, and may move its storage: not on the thread of all deadlines.
        return core.deadlines().after(
                buffer.request().readyWithin().get(),
                () -> Sweep.later(core.journal(), List.of(buffer), this::conclude));
    }

    /** Draws the conclusions when the time is over, under the buffer's lock: optional devices are waited for no longer. */
    void conclude(Buffer buffer) {
        if (buffer.phase() instanceof Phase.Released) {
            return;
        }
        Expectation expectation = buffer.expectation();
        DeviceNames names = core.devices().snapshot();
        expectation.missingOptional(names, buffer.members()).stream()
                .filter(device -> buffer.members().leftOut().stream().noneMatch(left -> left.device().equals(device)))
                .forEach(device -> leaveOut(buffer, device));
        expectation.end();
        List<String> laggards = buffer.laggards();
        if (!laggards.isEmpty()) {
            Explanation explanation = explain(laggards, late(buffer, laggards));
            core.journal().warn(explanation.text());
            core.chronicle().overdue(buffer, explanation);
        }
    }

    private void leaveOut(Buffer buffer, String device) {
        leaveOut(buffer, new LeftOut(device, explain(List.of(device), late(buffer, List.of(device)))));
    }

    /** Goes on without a device, and says so; under the buffer's lock. */
    void leaveOut(Buffer buffer, LeftOut device) {
        buffer.members().leaveOut(device);
        core.chronicle().leftOut(buffer, device);
    }

    private static String late(Buffer buffer, List<String> devices) {
        long millis = buffer.request().readyWithin().orElse(Duration.ZERO).toMillis();
        return String.join(", ", devices) + " did not attach to buffer " + buffer.want().name() + " within " + millis
                + " ms of its creation";
    }

    /**
     * Waits until nobody is missing for whom a map would wait.
     *
     * @param check refuses when the caller's handle is no longer good; asked again after every wait
     * @throws DmaBufException what the check says, GONE, or NOT_READY with the laggards
     */
    void await(Buffer buffer, Duration within, Runnable check) {
        long end = System.nanoTime() + Settings.nanos(within);
        buffer.exclusively(false, () -> {
            boolean over = within.isZero() || within.isNegative();
            while (true) {
                check.run();
                if (buffer.phase() instanceof Phase.Released) {
                    throw Storing.released(buffer);
                }
                List<String> laggards = buffer.laggards();
                if (laggards.isEmpty()) {
                    return laggards;
                }
                if (over) {
                    throw notReady(buffer, laggards);
                }
                over = !buffer.lock().awaitChange(end);
            }
        });
    }

    static DmaBufException notReady(Buffer buffer, List<String> laggards) {
        return new DmaBufException(explain(
                laggards, "buffer " + buffer.want().name() + " still expects " + String.join(", ", laggards)));
    }

    private static Explanation explain(List<String> laggards, String text) {
        return Explanation.of(Reason.NOT_READY, text, laggards.stream().map(Blame::of).toList());
    }
}
