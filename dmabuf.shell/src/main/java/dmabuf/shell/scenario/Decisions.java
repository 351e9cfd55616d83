// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import dmabuf.api.Attempt;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferState;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How all buffers of a case came to their storage, so that the decisions of one statement can be told from older ones. */
final class Decisions {
    private final Map<Long, BufferInfo> infos = new LinkedHashMap<>();

    private Decisions() {}

    static Decisions of(Collection<HeldBuffer> buffers) {
        Decisions decisions = new Decisions();
        for (HeldBuffer held : buffers) {
            BufferInfo info = held.buffer.info();
            decisions.infos.put(info.id(), info);
        }
        return decisions;
    }

    /** Returns the allocators that were asked since, in order. */
    String since(Decisions before) {
        List<Attempt> attempts = new ArrayList<>();
        for (BufferInfo info : infos.values()) {
            BufferInfo then = before.infos.get(info.id());
            if (info.state() == BufferState.BACKED && (then == null || isDecidedAnew(then, info))) {
                attempts.addAll(info.lastDecision());
            }
        }
        return Facts.tried(attempts);
    }

    private static boolean isDecidedAnew(BufferInfo then, BufferInfo now) {
        return then.state() != BufferState.BACKED
                || then.moves() != now.moves()
                || !then.lastDecision().equals(now.lastDecision());
    }
}
