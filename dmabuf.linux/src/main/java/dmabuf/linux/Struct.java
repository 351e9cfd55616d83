// SPDX-License-Identifier: Apache-2.0
package dmabuf.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/** A structure that the kernel reads and writes: its name, its fields in order, and where each begins. Immutable. */
final class Struct {
    private final String name;
    private final MemoryLayout layout;
    private final Map<String, Field> fields;

    /** A field: where it begins, and its width in bytes. */
    record Field(long offset, long byteSize) {}

    private Struct(String name, MemoryLayout layout, Map<String, Field> fields) {
        this.name = name;
        this.layout = layout;
        this.fields = fields;
    }

    /** Returns a structure of fields in this order; a gap is a layout without a name. */
    static Struct of(String name, MemoryLayout... fields) {
        Map<String, Field> places = new LinkedHashMap<>();
        long end = 0;
        for (MemoryLayout field : fields) {
            long offset = end;
            field.name().ifPresent(named -> places.put(named, new Field(offset, field.byteSize())));
            end += field.byteSize();
        }
        return new Struct(name, MemoryLayout.structLayout(fields), Collections.unmodifiableMap(places));
    }

    /** Returns a field of 64 bits. */
    static MemoryLayout u64(String name) {
        return ValueLayout.JAVA_LONG.withName(name);
    }

    /** Returns a field of 32 bits. */
    static MemoryLayout u32(String name) {
        return ValueLayout.JAVA_INT.withName(name);
    }

    /** Returns a field of 16 bits. */
    static MemoryLayout u16(String name) {
        return ValueLayout.JAVA_SHORT.withName(name);
    }

    String name() {
        return name;
    }

    long byteSize() {
        return layout.byteSize();
    }

    /** Returns the fields, in the order of the header. */
    Map<String, Field> fields() {
        return fields;
    }

    /** Returns a structure full of zeroes that lives as long as the arena. */
    Value in(Arena arena) {
        return new Value(this, arena.allocate(layout));
    }

    /** Returns the structure that begins at an offset of memory that the kernel wrote. */
    Value at(MemorySegment memory, long offset) {
        return new Value(this, memory.asSlice(offset, byteSize()));
    }

    private Field field(String named) {
        Field field = fields.get(named);
        if (field == null) {
            throw new IllegalArgumentException(name + " has no field " + named + ", but " + fields.keySet());
        }
        return field;
    }

    /**
     * One such structure in memory.
     *
     * @param struct its shape
     * @param memory where it lies
     */
    record Value(Struct struct, MemorySegment memory) {
        long address() {
            return memory.address();
        }

        /** Sets a field to the low bits of a value. */
        Value with(String field, long value) {
            Field place = struct.field(field);
            switch ((int) place.byteSize()) {
                case Short.BYTES -> memory.set(ValueLayout.JAVA_SHORT, place.offset(), (short) value);
                case Integer.BYTES -> memory.set(ValueLayout.JAVA_INT, place.offset(), (int) value);
                default -> memory.set(ValueLayout.JAVA_LONG, place.offset(), value);
            }
            return this;
        }

        /** Returns a field, without a sign. */
        long get(String field) {
            Field place = struct.field(field);
            return switch ((int) place.byteSize()) {
                case Short.BYTES -> Short.toUnsignedLong(memory.get(ValueLayout.JAVA_SHORT, place.offset()));
                case Integer.BYTES -> Integer.toUnsignedLong(memory.get(ValueLayout.JAVA_INT, place.offset()));
                default -> memory.get(ValueLayout.JAVA_LONG, place.offset());
            };
        }
    }

    @Override
    public String toString() {
        return name + fields.keySet();
    }
}
