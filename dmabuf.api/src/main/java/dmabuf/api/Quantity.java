// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.Locale;

/**
 * Sizes and addresses in words: decimal, {@code 0x} hexadecimal or {@code 0b} binary, with an optional binary
 * multiplier {@code K}, {@code M} or {@code G}. All numbers are unsigned 64-bit.
 */
public final class Quantity {
    private Quantity() {}

    /**
     * Reads a number.
     *
     * @param text for example {@code "64K"}, {@code "0x40000000"} or {@code "0b0110"}
     * @return the unsigned value
     * @throws DmaBufException INVALID when the text is no such number or does not fit in 64 bits
     */
    public static long parse(String text) {
        String digits = text.strip();
        int shift = shift(digits);
        if (shift > 0) {
            digits = digits.substring(0, digits.length() - 1);
        }
        try {
            long value = unsigned(digits.toLowerCase(Locale.ROOT));
            if ((value << shift) >>> shift != value) {
                throw invalid(text, "is more than 64 bits");
            }
            return value << shift;
        } catch (NumberFormatException e) {
            throw invalid(text, "is not a number: write decimal, 0x or 0b, with K, M or G for a size");
        }
    }

    /** Returns the shortest exact form: decimal with a multiplier where it divides, for example {@code "64K"}. */
    public static String format(long byteSize) {
        int zeros = byteSize == 0 ? 0 : Long.numberOfTrailingZeros(byteSize);
        int step = Math.min(zeros / 10, 3);
        return Long.toUnsignedString(byteSize >>> (10 * step)) + " KMG".substring(step, step + 1).strip();
    }

    /** Returns an address in hexadecimal, for example {@code "0x40000000"}. */
    public static String hex(long address) {
        return "0x" + Long.toHexString(address);
    }

    private static int shift(String text) {
        return switch (text.isEmpty() ? ' ' : text.charAt(text.length() - 1)) {
            case 'K', 'k' -> 10;
            case 'M', 'm' -> 20;
            case 'G', 'g' -> 30;
            default -> 0;
        };
    }

    /** The JDK's parser would also take a sign, and digits of other scripts. */
    private static long unsigned(String digits) {
        if (!digits.chars().allMatch(c -> c < 0x80 && Character.isLetterOrDigit(c))) {
            throw new NumberFormatException(digits);
        }
        if (digits.startsWith("0x")) {
            return Long.parseUnsignedLong(digits, 2, digits.length(), 16);
        }
        if (digits.startsWith("0b")) {
            return Long.parseUnsignedLong(digits, 2, digits.length(), 2);
        }
        return Long.parseUnsignedLong(digits);
    }

    private static DmaBufException invalid(String text, String why) {
        return new DmaBufException(Reason.INVALID, "'" + text + "' " + why);
    }
}
