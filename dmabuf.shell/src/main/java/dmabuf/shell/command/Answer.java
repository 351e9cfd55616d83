// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import dmabuf.shell.text.Json;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What a command answers: a text for the screen, and the same as data for scripts. In Gogo {@code x = create frame 8M}
 * keeps it, {@code $x name} and {@code $x get size} read a field, and {@code each ((buffers) rows) { $it name }} takes
 * the rows of a listing one by one.
 *
 * @param text lines, each with its end
 * @param data maps, lists, strings and numbers
 */
public record Answer(String text, Object data) {
    /** Returns this answer, or its data as the text. */
    public Answer asJson(boolean json) {
        return json ? new Answer(Json.write(data) + "\n", data) : this;
    }

    /** Returns the field {@code name}: what a buffer, a device or an allocator is called. */
    public Object name() {
        return get(data instanceof Map<?, ?> map && map.containsKey("name") ? "name" : "id");
    }

    /** Returns the field {@code id}. */
    public Object id() {
        return get("id");
    }

    /** Returns the field {@code allocator}, or an empty text. */
    public Object allocator() {
        return get("allocator");
    }

    /**
     * Returns a field by the name that {@code --json} shows, or a row by its number from 0; what holds more is an answer
     * of its own.
     *
     * @throws IllegalArgumentException when there is no such field or row
     */
    public Object get(String key) {
        return switch (data) {
            case Map<?, ?> map when map.containsKey(key) -> plain(map.get(key));
            case Map<?, ?> map ->
                throw new IllegalArgumentException("there is no field " + key + "; there are " + map.keySet());
            case List<?> rows when key.matches("\\d{1,9}") && Integer.parseInt(key) < rows.size() ->
                plain(rows.get(Integer.parseInt(key)));
            case List<?> rows -> throw new IllegalArgumentException("there is no row " + key + " of " + rows.size());
            default -> throw new IllegalArgumentException("this answer has no fields");
        };
    }

    /** Returns the rows of a listing, each an answer. */
    public Collection<Object> rows() {
        return data instanceof Collection<?> many ? many.stream().map(Answer::plain).toList() : List.of(this);
    }

    private static Object plain(Object value) {
        return switch (value) {
            case Optional<?> some -> some.isPresent() ? plain(some.get()) : "";
            case OptionalLong some -> some.isPresent() ? some.getAsLong() : "";
            case OptionalInt some -> some.isPresent() ? some.getAsInt() : "";
            case Map<?, ?> map -> new Answer(Json.write(map) + "\n", map);
            case Collection<?> many -> new Answer(Json.write(many) + "\n", many);
            default -> value;
        };
    }

    /** Returns the text without its last line end, as a console prints it. */
    @Override
    public String toString() {
        return text.stripTrailing();
    }
}
