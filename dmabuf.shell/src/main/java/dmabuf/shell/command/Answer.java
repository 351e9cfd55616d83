// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import dmabuf.shell.text.Json;

/**
 * What a command answers: a text for the screen, and the same as data for scripts.
 *
 * @param text lines, each with its end
 * @param data maps, lists, strings and numbers
 */
public record Answer(String text, Object data) {
    /** Returns an answer that is its one line and nothing more. */
    static Answer of(String line) {
        return new Answer(line + "\n", line);
    }

    /** Returns this answer, or its data as the text. */
    Answer asJson(boolean json) {
        return json ? new Answer(Json.write(data) + "\n", data) : this;
    }

    /** Returns the text without its last line end, as a console prints it. */
    @Override
    public String toString() {
        return text.stripTrailing();
    }
}
