// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.Attempt;
import dmabuf.api.Explanation;
import java.util.List;
import java.util.Optional;

/**
 * What is told of what became of a buffer. Apart from it, because most have none worth telling while they wait for their
 * first map.
 *
 * @param decision what the allocators answered last
 * @param refusal why a call was refused last
 * @param moves how often its storage moved
 */
record Past(List<Attempt> decision, Optional<Explanation> refusal, long moves) {
    static final Past NONE = new Past(List.of(), Optional.empty(), 0);

    Past decided(List<Attempt> attempts) {
        return new Past(attempts, refusal, moves);
    }

    Past refused(Explanation explanation) {
        return new Past(explanation.attempts().isEmpty() ? decision : explanation.attempts(), Optional.of(explanation), moves);
    }

    Past moved() {
        return new Past(decision, refusal, moves + 1);
    }
}
