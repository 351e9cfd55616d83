// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.ConstraintField;
import java.util.List;
import java.util.stream.Stream;

/** Sets of constraint fields as bits of an {@code int}, by ordinal: the search for a conflict asks for many of them. */
final class Fields {
    static final int ALL = -1;

    /** Fields that can never leave nothing, but only add up: they are in no conflict. */
    private static final int HARMLESS =
            bit(ConstraintField.COHERENT) | bit(ConstraintField.SECURE) | bit(ConstraintField.EXCLUSIVE);

    private Fields() {}

    @SuppressWarnings("EnumOrdinal") // not stored anywhere: the bits live as long as one negotiation
    static int bit(ConstraintField field) {
        return 1 << field.ordinal();
    }

    static boolean has(int fields, ConstraintField field) {
        return (fields & bit(field)) != 0;
    }

    static int of(Iterable<ConstraintField> fields) {
        int bits = 0;
        for (ConstraintField field : fields) {
            bits |= bit(field);
        }
        return bits;
    }

    /** Returns the fields, in table order. */
    static List<ConstraintField> list(int fields) {
        return Stream.of(ConstraintField.values()).filter(field -> has(fields, field)).toList();
    }

    static int withoutHarmless(int fields) {
        return fields & ~HARMLESS;
    }
}
