// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class JsonTest {
    @Test
    void longsAreUnsignedAndIntegersSigned() {
        assertThat(Json.write(List.of(-1L, -1, 0L, 1L << 63)))
                .isEqualTo("[18446744073709551615,-1,0,9223372036854775808]");
    }

    @Test
    void objectsKeepTheirOrder() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("z", true);
        fields.put("a", List.of());
        fields.put("m", Map.of());
        assertThat(Json.write(fields)).isEqualTo("{\"z\":true,\"a\":[],\"m\":{}}");
    }

    @Test
    void absentIsNull() {
        assertThat(Json.write(List.of(Optional.empty(), OptionalLong.empty(), OptionalInt.empty())))
                .isEqualTo("[null,null,null]");
        assertThat(Json.write(List.of(Optional.of("x"), OptionalLong.of(-1), OptionalInt.of(3))))
                .isEqualTo("[\"x\",18446744073709551615,3]");
    }

    @Test
    void controlCharactersQuotesAndSurrogatesAreEscaped() {
        assertThat(Json.write("a\"b\\c\nd\te\u0001f\ud83d\ude00g\u00e4"))
                .isEqualTo("\"a\\\"b\\\\c\\nd\\te\\u0001f\\ud83d\\ude00g\u00e4\"");
        assertThat(Json.write("\ud83d")).isEqualTo("\"\\ud83d\"");
    }

    @Test
    void otherKindsAreRefused() {
        assertThatThrownBy(() -> Json.write(new Object()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no JSON for a class java.lang.Object");
    }
}
