// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The text form of constraints: words as in scenario files. */
final class ConstraintText {
    private ConstraintText() {}

    static DmaConstraints parse(String text) {
        DmaConstraintsBuilder builder = DmaConstraints.builder();
        Set<String> seen = new HashSet<>();
        for (String word : text.strip().split("\\s+", -1)) {
            if (!word.isEmpty()) {
                set(builder, word, seen);
            }
        }
        return builder.build();
    }

    private static void set(DmaConstraintsBuilder builder, String word, Set<String> seen) {
        int equals = word.indexOf('=');
        String key = equals < 0 ? word : word.substring(0, equals);
        if (!seen.add(key)) {
            throw new DmaBufException(Reason.INVALID, "'" + key + "' is stated twice");
        }
        if (equals < 0) {
            setFlag(builder, word);
        } else {
            setValue(builder, key, word.substring(equals + 1));
        }
    }

    private static void setFlag(DmaConstraintsBuilder builder, String word) {
        switch (word) {
            case "coherent" -> builder.coherentRequired(true);
            case "secure" -> builder.secureRequired(true);
            case "exclusive" -> builder.exclusive(true);
            default -> throw unknown(word);
        }
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
            default -> throw unknown(key);
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

    private static DmaBufException unknown(String word) {
        return new DmaBufException(Reason.INVALID, "unknown constraint '" + word + "': the fields are range, align,"
                + " maxSegments, maxSegmentSize, boundary, granule, divisor, minSize, maxSize, access, pools, coherent,"
                + " secure and exclusive");
    }
}
