// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Service properties of an allocator, which a bundle may have written in any form. */
class AllocatorSpecTest {
    private static AllocatorSpec from(String key, Object value) {
        Map<String, Object> properties = new HashMap<>(Map.of(AllocatorSpec.PREFIX + "id", "bank"));
        properties.put(AllocatorSpec.PREFIX + key, value);
        return AllocatorSpec.from(properties);
    }

    private static void refused(String key, Object value, String words) {
        assertThatExceptionOfType(DmaBufException.class)
                .isThrownBy(() -> from(key, value))
                .withMessageContaining(words)
                .extracting(DmaBufException::reason)
                .isEqualTo(Reason.INVALID);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 63})
    void theFirstBitAndTheLast(int bit) {
        assertThat(from("bit", bit).bit()).isEqualTo(OptionalInt.of(bit));
        assertThat(from("bit", Integer.toString(bit)).bit()).isEqualTo(OptionalInt.of(bit));
    }

    /** 2^32 and more are no bits either, though their last 32 digits are. */
    @ParameterizedTest
    @ValueSource(longs = {-1, 64, 1L << 32, Long.MIN_VALUE})
    void noOtherBits(long bit) {
        refused("bit", bit, "bit=" + bit + " of allocator bank is not between 0 and 63");
    }

    @Test
    void everyIntIsAPriorityAndNothingElse() {
        for (int priority : List.of(Integer.MIN_VALUE, -1, 0, Integer.MAX_VALUE)) {
            assertThat(from("priority", priority).priority()).isEqualTo(priority);
            assertThat(from("priority", Integer.toString(priority)).priority()).isEqualTo(priority);
        }
        refused("priority", 1L << 31, "priority=2147483648 of allocator bank");
        refused("priority", "-2147483649", "priority=-2147483649 of allocator bank");
        refused("priority", "0xffffffffffffffff", "priority=0xffffffffffffffff of allocator bank");
        refused("priority", "-0xffffffffffffffff", "priority=-0xffffffffffffffff of allocator bank");
    }

    @Test
    void flagsAreReadFromEveryForm() {
        assertThat(from("flags", new String[] {"A", "B"}).flags()).isEqualTo(Set.of("A", "B"));
        assertThat(from("flags", List.of("A", "B")).flags()).isEqualTo(Set.of("A", "B"));
        assertThat(from("flags", "A").flags()).isEqualTo(Set.of("A"));
        assertThat(from("flags", " ").flags()).isEmpty();
    }

    @Test
    void aBlankIdIsNone() {
        refused("id", " ", "an allocator needs the property dmabuf.allocator.id");
    }
}
