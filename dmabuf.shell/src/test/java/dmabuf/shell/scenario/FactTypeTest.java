// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FactTypeTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '%', textBlock = """
            NUMBER   | 64K              | 0x10000          | true
            NUMBER   | 0b110            | 6                | true
            NUMBER   | none             | 0xffffffffffffffff | true
            NUMBER   | none             | 0                | false
            RANGES   | 0..0xfff         | 0x0..4095        | true
            RANGES   | 5..6,1..2        | 1..2,5..6        | true
            RANGES   | 0..0xffffffffffffffff | none        | true
            SEGMENT  | 0x1000+4K        | 4096+4096        | true
            SEGMENT  | 0x1000+4K        | none             | false
            SET      | A.mask,B.mask    | B.mask,A.mask    | true
            SET      | A,A              | A                | true
            SET      | none             | A                | false
            SET      | linux\\,cma      | linux,cma        | true
            SEQUENCE | a,b              | a,b              | true
            SEQUENCE | a,b              | b,a              | false
            NAME     | none             | a                | false
            FLAG     | yes              | yes              | true
            """)
    void equalValuesHaveOneForm(FactType type, String one, String other, boolean equal) {
        UnaryOperator<String> same = UnaryOperator.identity();
        assertThat(type.canonical(one, same).equals(type.canonical(other, same))).isEqualTo(equal);
    }

    @Test
    void namesAreMadeFullFirst() {
        UnaryOperator<String> full = name -> name.startsWith("/") ? name : "/soc/" + name;
        assertThat(FactType.SET.canonical("b,a", full)).isEqualTo(FactType.SET.canonical("/soc/a,/soc/b", full));
    }
}
