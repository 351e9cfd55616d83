// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.BufferRequest;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.core.quota.Payer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Who holds handles: a bundle from its start to its stop. Compared by identity; one that starts again is another. */
final class Owner implements Payer {
    private final String name;
    private final String bufferName;
    private volatile boolean gone;
    private volatile @Nullable Asked asked;

    /** What it asked for, and what is wanted by that. */
    private record Asked(BufferRequest request, Want want) {}

    Owner(String name) {
        this.name = name;
        this.bufferName = shortened(name);
    }

    @Override
    public String name() {
        return name;
    }

    /** Returns what is wanted by a request; who creates many buffers by the same one gets the same object. */
    Want want(BufferRequest request, long pageSize) {
        Asked last = asked;
        if (last == null || last.request != request) {
            last = new Asked(request, Want.of(request.name().orElse(bufferName), request, pageSize, this));
            asked = last;
        }
        return last.want;
    }

    /** Returns a name, cut to what a buffer may have: what an owner's buffers are called unless they say. */
    private static String shortened(String name) {
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
