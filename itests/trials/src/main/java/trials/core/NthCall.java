// SPDX-License-Identifier: Apache-2.0
package trials.core;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import trials.Row;
import trials.planted.Guard;

/**
 * Lets the first call fail, then the second, and so on until none fails any more: each with ten errnos and with an
 * OutOfMemoryError. Here for a life of a buffer on memfds; for the other sources of memory and for IOMMU groups, whose
 * devices only the lab has, by the tests of dmabuf.linux, which answer in the kernel's place.
 */
public final class NthCall {
    /** EPERM, EIO, ENOMEM, EACCES, EBUSY, EINVAL, ENFILE, EMFILE, ENOSPC, ENOSYS; then the error of the heap. */
    private static final int[] ERRNOS = {1, 5, 12, 13, 16, 22, 23, 24, 28, 38, Fault.NO_ROOM_IN_THE_HEAP};

    private static final List<String> OTHER_SOURCES = List.of(
            "dmabuf.linux.MemorySourcesTest#everyFailingCallLeavesNothingBehind",
            "dmabuf.linux.NativeMemoryTest#everyFailingCallLeavesNothingBehind",
            "dmabuf.linux.NativeIommuTest#everyFailingCallLeavesNothingOpen");

    private NthCall() {}

    public static void main(String... none) {
        Row.run(NthCall::run);
    }

    private static String run(Row row) throws Exception {
        int points = 0;
        int failures = 0;
        for (int errno : ERRNOS) {
            int n = 1;
            for (Fault fault = new Fault(n, errno); ; fault = new Fault(++n, errno)) {
                int failed = new Life(fault).run();
                if (!fault.hasFailed()) {
                    Row.check(failed == 0, fault + ": refused without a failure");
                    break;
                }
                failures += failed;
            }
            points += n - 1;
            row.say((errno < 0 ? "OutOfMemoryError" : "errno " + errno) + ": " + (n - 1) + " calls, each failed once");
        }
        row.say(failures + " of them refused a step, the others were got over");
        otherSources(row);
        return "100 % of " + Row.number(points) + " points, and of those of " + OTHER_SOURCES.size() + " tests; state as before";
    }

    private static void otherSources(Row row) throws Exception {
        Path root = Path.of(System.getProperty("trials.root", ".")).toAbsolutePath().normalize();
        Path work = Files.createTempDirectory("nth-call");
        Guard.Outcome outcome = new Guard(root, work).run("dmabuf.linux", List.of(), OTHER_SOURCES);
        row.say(outcome.output());
        Row.check(outcome.isPassed(), "the other sources: exit " + outcome.exit());
    }
}
