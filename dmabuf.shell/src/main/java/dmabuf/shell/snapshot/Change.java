// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.snapshot;

/**
 * One difference between two snapshots.
 *
 * @param sign what happened
 * @param subject what it is about: {@code buffer}, {@code owner}, {@code allocator}, or the kind of a holding
 * @param name which one
 * @param text what came, went or how it changed
 */
public record Change(Sign sign, String subject, String name, String text) {
    /** What happened. */
    public enum Sign {
        /** It is new. */
        CAME("+"),
        /** It is gone. */
        WENT("-"),
        /** It has other figures. */
        CHANGED("~");

        private final String mark;

        Sign(String mark) {
            this.mark = mark;
        }

        /** Returns the mark at the beginning of its line. */
        public String mark() {
            return mark;
        }
    }
}
