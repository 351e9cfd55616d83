// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.ConstraintField;
import java.util.List;

/** Sets of constraint fields as bits of an {@code int}, by ordinal: the search for a conflict asks for many of them. */
final class Fields {
    static final int ALL = -1;

    /** Every field, in table order. */
    static final List<ConstraintField> IN_ORDER = List.of(ConstraintField.values());

    /** The fields that {@link Terms#rest} holds. */
    static final int OF_CONSTRAINTS =
            ~(bit(ConstraintField.RANGE) | bit(ConstraintField.APERTURE) | bit(ConstraintField.IOMMU));

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

    static int withoutHarmless(int fields) {
        return fields & ~HARMLESS;
    }
}
