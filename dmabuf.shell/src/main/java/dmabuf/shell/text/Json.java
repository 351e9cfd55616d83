// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.text;

import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Writes JSON from maps (in their order), collections, strings, booleans and numbers. A {@code Long} is an unsigned
 * number, because addresses and sizes are; an {@code Integer} is a signed one. An absent optional is null.
 */
public final class Json {
    private final StringBuilder out = new StringBuilder();

    private Json() {}

    /**
     * Returns a value as JSON on one line.
     *
     * @throws IllegalArgumentException for a value of another kind
     */
    public static String write(Object value) {
        Json json = new Json();
        json.value(value);
        return json.out.toString();
    }

    private void value(Object value) {
        switch (value) {
            case Map<?, ?> map -> object(map);
            case Collection<?> many -> array(many);
            case Optional<?> some -> some.ifPresentOrElse(this::value, this::nothing);
            case OptionalLong some -> some.ifPresentOrElse(this::unsigned, this::nothing);
            case OptionalInt some -> some.ifPresentOrElse(out::append, this::nothing);
            case CharSequence text -> string(text);
            case Long number -> unsigned(number);
            case Integer number -> out.append(number);
            case Boolean flag -> out.append(flag);
            default -> throw new IllegalArgumentException("no JSON for a " + value.getClass());
        }
    }

    private void nothing() {
        out.append("null");
    }

    private void unsigned(long number) {
        out.append(Long.toUnsignedString(number));
    }

    private void object(Map<?, ?> map) {
        out.append('{');
        for (Iterator<? extends Map.Entry<?, ?>> all = map.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<?, ?> entry = all.next();
            string(entry.getKey().toString());
            out.append(':');
            value(entry.getValue());
            out.append(all.hasNext() ? "," : "");
        }
        out.append('}');
    }

    private void array(Collection<?> many) {
        out.append('[');
        for (Iterator<?> all = many.iterator(); all.hasNext(); ) {
            value(all.next());
            out.append(all.hasNext() ? "," : "");
        }
        out.append(']');
    }

    private void string(CharSequence text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            character(text.charAt(i));
        }
        out.append('"');
    }

    private void character(char c) {
        switch (c) {
            case '"', '\\' -> out.append('\\').append(c);
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> {
                // A lone surrogate has no form in UTF-8 and would come out as a question mark.
                if (c < ' ' || Character.isSurrogate(c) || c == 0x7f) {
                    out.append(String.format("\\u%04x", (int) c));
                } else {
                    out.append(c);
                }
            }
        }
    }
}
