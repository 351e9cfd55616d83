// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.Objects;
import java.util.Optional;

/**
 * One entry of an explanation: a device's field, a device as such (it holds a mapping, or has not attached), or an
 * allocator. Ordered by name in code points, then by field in table order.
 *
 * @param name the device or the allocator
 * @param field the field at fault, or empty where no field is
 */
public record Blame(String name, Optional<ConstraintField> field) implements Comparable<Blame> {
    /** Checks for nulls. */
    public Blame {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(field, "field");
    }

    /** Returns the blame of one field of a device. */
    public static Blame of(String device, ConstraintField field) {
        return new Blame(device, Optional.of(field));
    }

    /** Returns the blame of a device or allocator as such. */
    public static Blame of(String name) {
        return new Blame(name, Optional.empty());
    }

    @Override
    public int compareTo(Blame other) {
        int byName = Names.ORDER.compare(name, other.name);
        if (byName != 0) {
            return byName;
        }
        return field.isPresent() && other.field.isPresent()
                ? field.get().compareTo(other.field.get())
                : Boolean.compare(field.isPresent(), other.field.isPresent());
    }

    /** Returns {@code name.field}, or the bare name. */
    @Override
    public String toString() {
        return field.isPresent() ? name + "." + field.get().label() : name;
    }
}
