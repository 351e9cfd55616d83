// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The text form of constraints: words as in scenario files. */
final class ConstraintText {
    /** The value of a flag that is set. */
    static final String TRUE = "true";

    /** The words, in table order. */
    static final List<String> FIELDS = List.of(
            "range", "align", "maxSegments", "maxSegmentSize", "boundary", "granule", "divisor", "minSize", "maxSize",
            "access", "pools", "coherent", "secure", "exclusive");

    /** The words that stand alone. */
    static final Set<String> FLAGS = Set.of("coherent", "secure", "exclusive");

    private ConstraintText() {}

    static DmaConstraints parse(String text) {
        DmaConstraintsBuilder builder = DmaConstraints.builder();
        words(text, FLAGS).forEach((key, value) -> set(builder, key, value));
        return builder.build();
    }

    /** Returns the words of a text by key; a flag stands alone, and its value is {@link #TRUE}. */
    static Map<String, String> words(String text, Set<String> flags) {
        Map<String, String> words = new LinkedHashMap<>();
        for (String word : text.strip().split("\\s+", -1)) {
            if (!word.isEmpty()) {
                add(words, word, flags);
            }
        }
        return words;
    }

    private static void add(Map<String, String> words, String word, Set<String> flags) {
        int equals = word.indexOf('=');
        String key = equals < 0 ? word : word.substring(0, equals);
        boolean flag = flags.contains(key);
        if (flag && equals >= 0) {
            throw new DmaBufException(Reason.INVALID, "'" + key + "' stands alone, not so '" + word + "'");
        }
        String value = equals < 0 ? "" : word.substring(equals + 1);
        if (words.put(key, flag ? TRUE : value) != null) {
            throw new DmaBufException(Reason.INVALID, "'" + key + "' is stated twice");
        }
    }

    /** Sets a field; INVALID for an unknown key or a bad value. */
    static void set(DmaConstraintsBuilder builder, String key, String value) {
        switch (key) {
            case "coherent" -> builder.coherentRequired(truth(value));
            case "secure" -> builder.secureRequired(truth(value));
            case "exclusive" -> builder.exclusive(truth(value));
            default -> setValue(builder, key, value);
        }
    }

    static boolean truth(String value) {
        if (!value.equals(TRUE) && !value.equals("false")) {
            throw new DmaBufException(Reason.INVALID, "'" + value + "' is not a flag: write true or false");
        }
        return value.equals(TRUE);
    }

    private static void setValue(DmaConstraintsBuilder builder, String key, String value) {
        switch (key) {
            case "range" -> builder.addressRanges(AddressRanges.parse(value));
            case "align" -> builder.alignment(Quantity.parse(value));
            case "maxSegments" -> builder.maxSegments(Quantity.parse(value));
            case "maxSegmentSize" -> builder.maxSegmentSize(Quantity.parse(value));
            case "boundary" -> builder.segmentBoundary(Quantity.parse(value));
            case "granule" -> builder.granule(Quantity.parse(value));
            case "divisor" -> builder.sizeDivisor(Quantity.parse(value));
            case "minSize" -> builder.minSize(Quantity.parse(value));
            case "maxSize" -> builder.maxSize(Quantity.parse(value));
            case "access" -> builder.accessMask(Quantity.parse(value));
            case "pools" -> builder.pools(PoolNames.parse(value));
            default -> throw unknown(key, FIELDS);
        }
    }

    static String format(DmaConstraints of) {
        List<String> words = new ArrayList<>();
        if (!of.addressRanges().equals(AddressRanges.ALL)) {
            words.add("range=" + of.addressRanges());
        }
        add(words, "align", of.alignment(), 1);
        of.maxSegments().ifPresent(value -> words.add("maxSegments=" + Long.toUnsignedString(value)));
        of.maxSegmentSize().ifPresent(value -> words.add("maxSegmentSize=" + Quantity.format(value)));
        of.segmentBoundary().ifPresent(value -> words.add("boundary=" + Quantity.format(value)));
        add(words, "granule", of.granule(), 1);
        add(words, "divisor", of.sizeDivisor(), 1);
        add(words, "minSize", of.minSize(), 0);
        of.maxSize().ifPresent(value -> words.add("maxSize=" + Quantity.format(value)));
        formatMask(words, of);
        of.pools().ifPresent(names -> words.add("pools=" + PoolNames.format(names)));
        flag(words, "coherent", of.isCoherentRequired());
        flag(words, "secure", of.isSecureRequired());
        flag(words, "exclusive", of.isExclusive());
        return String.join(" ", words);
    }

    private static void formatMask(List<String> words, DmaConstraints of) {
        if (of.isAccessMaskStatedZero()) {
            words.add("access=0");
        } else if (of.accessMask() != DmaConstraints.UNLIMITED) {
            words.add("access=" + Quantity.hex(of.accessMask()));
        }
    }

    private static void add(List<String> words, String key, long value, long neutral) {
        if (value != neutral) {
            words.add(key + "=" + Quantity.format(value));
        }
    }

    private static void flag(List<String> words, String word, boolean set) {
        if (set) {
            words.add(word);
        }
    }

    /** Returns the error of a word that is not among the known ones. */
    static DmaBufException unknown(String word, Collection<String> known) {
        return new DmaBufException(
                Reason.INVALID, "unknown constraint '" + word + "': the fields are " + String.join(", ", known));
    }
}
