// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;

/** Who holds handles: a bundle from its start to its stop. Compared by identity; one that starts again is another. */
final class Owner {
    private final String name;
    private volatile boolean gone;

    Owner(String name) {
        this.name = name;
    }

    String name() {
        return name;
    }

    /** From now on nothing new is opened for it; what is open is the buffers' to end. */
    void leave() {
        gone = true;
    }

    boolean isGone() {
        return gone;
    }

    /** Refuses with GONE once the owner left. */
    void check() {
        if (gone) {
            throw new DmaBufException(Reason.GONE, "bundle " + name + " has stopped");
        }
    }
}
