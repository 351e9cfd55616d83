// SPDX-License-Identifier: Apache-2.0
package itests.lab;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import itests.lab.peer.KernelRefusal;
import java.util.Objects;

/** What a case demands; AssertionError says what came instead. */
public final class Expect {
    private Expect() {}

    /** Demands that two values are equal. */
    public static void equal(String what, Object wanted, Object came) {
        if (!Objects.equals(wanted, came)) {
            throw new AssertionError(what + ": wanted " + wanted + ", came " + came);
        }
    }

    /** Demands that something holds. */
    public static void that(String what, boolean holds) {
        if (!holds) {
            throw new AssertionError("not so: " + what);
        }
    }

    /** Demands that the runtime refuses, for one of the reasons; returns its words. */
    public static String refused(Runnable action, Reason... reasons) {
        try {
            action.run();
        } catch (DmaBufException e) {
            for (Reason reason : reasons) {
                if (e.reason() == reason) {
                    return String.valueOf(e.getMessage());
                }
            }
            throw new AssertionError("refused for another reason, " + e.reason() + ": " + e.getMessage(), e);
        }
        throw new AssertionError("not refused");
    }

    /** Demands that a driver of the kernel refuses with this errno. */
    public static void kernelRefuses(String errno, Runnable action) {
        try {
            action.run();
        } catch (KernelRefusal e) {
            equal(String.valueOf(e.getMessage()), errno, e.errno());
            return;
        }
        throw new AssertionError("the kernel took what it should refuse with " + errno);
    }
}
