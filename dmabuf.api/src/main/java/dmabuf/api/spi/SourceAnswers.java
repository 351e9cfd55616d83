// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.ArrayList;
import java.util.List;

/** What each source answered to one request, in their order. */
final class SourceAnswers {
    /** What a lack of room is told as when every source lacked it, the first of these that one of them answered. */
    private static final List<Reason> MEMORY = List.of(Reason.QUOTA, Reason.FRAGMENTED, Reason.OUT_OF_MEMORY);

    private final List<String> texts = new ArrayList<>();

    /** Of the sources that are there. */
    private final List<Reason> reasons = new ArrayList<>();

    void absent(MemorySource source, String text) {
        texts.add(source + ": " + text);
    }

    /** A source that is denied only when it is asked is not there either. */
    void refused(MemorySource source, DmaBufException refusal) {
        absent(source, refusal.explanation().text());
        if (refusal.reason() != Reason.ACCESS) {
            reasons.add(refusal.reason());
        }
    }

    /** Returns whether one of them can be used, whatever it answered. */
    boolean isUsable() {
        return !reasons.isEmpty();
    }

    /** Returns the refusal with all answers: about memory when every source that is there was out of it. */
    DmaBufException refusal() {
        String text = texts.isEmpty() ? "none of its sources is there" : String.join("; ", texts);
        return new DmaBufException(reason(), text);
    }

    private Reason reason() {
        if (reasons.isEmpty()) {
            return Reason.ACCESS;
        }
        if (MEMORY.containsAll(reasons)) {
            return MEMORY.stream().filter(reasons::contains).findFirst().orElseThrow();
        }
        return reasons.stream().filter(reason -> !MEMORY.contains(reason)).findFirst().orElseThrow();
    }
}
