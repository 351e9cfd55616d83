// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.Comparator;

/** The one order of names of devices and allocators: ascending by code points, so that ties break the same anywhere. */
public final class Names {
    /** Compares by code points; {@link String#compareTo} would compare UTF-16 units. */
    public static final Comparator<String> ORDER = Names::compare;

    private Names() {}

    private static int compare(String a, String b) {
        int common = Math.min(a.length(), b.length());
        for (int i = 0; i < common; i++) {
            if (a.charAt(i) != b.charAt(i)) {
                return Character.isSurrogate(a.charAt(i)) == Character.isSurrogate(b.charAt(i))
                        ? Character.compare(a.charAt(i), b.charAt(i))
                        : Boolean.compare(Character.isSurrogate(a.charAt(i)), Character.isSurrogate(b.charAt(i)));
            }
        }
        return Integer.compare(a.length(), b.length());
    }
}
