// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** How the values of a fact are compared: each has a form in which equal values are equal texts. */
enum FactType {
    /** An unsigned number; none is the largest one, which stands for unlimited. */
    NUMBER {
        @Override
        String canonical(String text, UnaryOperator<String> fullName) {
            return text.equals(NONE) ? NONE : number(Quantity.parse(text));
        }

        private String number(long value) {
            return value == -1L ? NONE : Long.toUnsignedString(value);
        }
    },
    /** Intervals in any order; none is the full range. */
    RANGES {
        @Override
        String canonical(String text, UnaryOperator<String> fullName) {
            if (text.equals(NONE)) {
                return NONE;
            }
            List<AddressRange> ranges =
                    Names.split(text).stream().map(AddressRange::parse).sorted().toList();
            return ranges.equals(List.of(AddressRange.ALL)) ? NONE : ranges.toString();
        }
    },
    /** An address and a length. */
    SEGMENT {
        @Override
        String canonical(String text, UnaryOperator<String> fullName) {
            if (text.equals(NONE)) {
                return NONE;
            }
            int plus = text.indexOf('+');
            if (plus < 0) {
                throw new DmaBufException(Reason.INVALID, "'" + text + "' is no segment: write address+length");
            }
            return Stream.of(text.substring(0, plus), text.substring(plus + 1))
                    .map(part -> Long.toUnsignedString(Quantity.parse(part)))
                    .collect(Collectors.joining("+"));
        }
    },
    /** yes or no. */
    FLAG {
        @Override
        String canonical(String text, UnaryOperator<String> fullName) {
            return oneOf(text, Set.of("yes", "no"));
        }
    },
    /** The state of a buffer. */
    STATE {
        @Override
        String canonical(String text, UnaryOperator<String> fullName) {
            return oneOf(text, Set.of("deferred", "backed", "released"));
        }
    },
    /** One name, or none. */
    NAME {
        @Override
        String canonical(String text, UnaryOperator<String> fullName) {
            return text.equals(NONE) ? NONE : fullName.apply(text);
        }
    },
    /** Names in any order; none is no name. */
    SET {
        @Override
        String canonical(String text, UnaryOperator<String> fullName) {
            return names(text, fullName).sorted().distinct().collect(Collectors.joining(","));
        }
    },
    /** Names in order. */
    SEQUENCE {
        @Override
        String canonical(String text, UnaryOperator<String> fullName) {
            return names(text, fullName).collect(Collectors.joining(","));
        }
    };

    static final String NONE = "none";

    /**
     * Returns the form in which equal values are equal texts.
     *
     * @param fullName makes a device's name full where it is a short one or a filter
     * @throws DmaBufException INVALID when the text is no such value
     */
    abstract String canonical(String text, UnaryOperator<String> fullName);

    /** Both sides lose the backslashes first: a report does not tell a comma in a name from one between names. */
    private static Stream<String> names(String text, UnaryOperator<String> fullName) {
        return text.equals(NONE) ? Stream.empty() : Names.split(Names.unescaped(text)).stream().map(fullName);
    }

    private static String oneOf(String text, Set<String> words) {
        if (!words.contains(text)) {
            throw new DmaBufException(
                    Reason.INVALID, "'" + text + "' is none of " + words.stream().sorted().toList());
        }
        return text;
    }
}
