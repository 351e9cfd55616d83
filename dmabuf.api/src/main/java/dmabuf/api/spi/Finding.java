// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import java.util.Objects;

/**
 * What was found out about one thing of the machine.
 *
 * @param area what it belongs to, one word: memory, iommu, devices, limits, kernel
 * @param subject the thing, for example {@code heap:system} or {@code /dev/video0}
 * @param state whether it is as it should be
 * @param text what it is; unless it is as it should be, what is in the way and the remedy
 */
public record Finding(String area, String subject, State state, String text) {
    /** How a thing is. */
    public enum State {
        /** As it should be. */
        OK,
        /** Something better would be there with the remedy; what there is does. */
        MISSING,
        /** Something that is needed does not work. */
        FAILED
    }

    /** Checks for nulls. */
    public Finding {
        Objects.requireNonNull(area, "area");
        Objects.requireNonNull(subject, "subject");
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(text, "text");
    }

    /** Returns a finding that is OK, or else MISSING. */
    public static Finding of(String area, String subject, boolean isOk, String text) {
        return new Finding(area, subject, isOk ? State.OK : State.MISSING, text);
    }
}
