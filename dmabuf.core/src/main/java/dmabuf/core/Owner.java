// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.BufferRequest;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.core.quota.Payer;
import java.nio.charset.StandardCharsets;

/** Who holds handles: a bundle from its start to its stop. Compared by identity; one that starts again is another. */
final class Owner implements Payer {
    private final String name;
    private volatile boolean gone;

    Owner(String name) {
        this.name = name;
    }

    @Override
    public String name() {
        return name;
    }

    /** Returns its name, cut to what a buffer may have: what its buffers are called unless they say. */
    String bufferName() {
        String shorter = name;
        while (shorter.getBytes(StandardCharsets.UTF_8).length > BufferRequest.MAX_NAME_BYTES) {
            shorter = shorter.substring(0, shorter.offsetByCodePoints(shorter.length(), -1));
        }
        return shorter;
    }

    /** From now on nothing new is opened for it; what is open is the buffers' to end. */
    void leave() {
        gone = true;
    }

    @Override
    public boolean isGone() {
        return gone;
    }

    /** Refuses with GONE once the owner left. */
    void check() {
        if (gone) {
            throw new DmaBufException(Reason.GONE, "bundle " + name + " has stopped");
        }
    }
}
