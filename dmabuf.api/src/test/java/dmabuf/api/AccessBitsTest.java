// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class AccessBitsTest {
    private static final AccessBits BITS = AccessBits.parse(List.of("2=CONTIG", "1=SYSTEM", "63=LAST"));

    @Test
    void aMaskIsToldWithTheNamesOfItsBits() {
        assertThat(BITS.format(0x6)).isEqualTo("0x6 (SYSTEM,CONTIG)");
        assertThat(BITS.format(0xc)).isEqualTo("0xc (CONTIG)");
        assertThat(BITS.format(0x8)).isEqualTo("0x8");
        assertThat(BITS.format(-1)).as("all bits").isEqualTo("0xffffffffffffffff");
        assertThat(AccessBits.NONE.format(0x6)).isEqualTo("0x6");
        assertThat(BITS.name(63)).contains("LAST");
        assertThat(BITS.name(0)).isEmpty();
    }

    @Test
    void aMaskIsReadFromANumberOrFromNames() {
        assertThat(BITS.mask("0b110")).isEqualTo(6);
        assertThat(BITS.mask("CONTIG, SYSTEM")).isEqualTo(6);
        assertThat(BITS.mask("LAST")).isEqualTo(Long.MIN_VALUE);
        invalid(
                () -> BITS.mask("SYSTEM,DSP"),
                "no bit of the access mask is named 'DSP': the names are 1=SYSTEM,2=CONTIG,63=LAST");
        invalid(
                () -> AccessBits.NONE.mask("SYSTEM"),
                "no bit of the access mask is named 'SYSTEM': none has a name (dmabuf.core accessBits)");
        invalid(
                () -> BITS.mask("-1"),
                "'-1' is not a number: write decimal, 0x or 0b, with K, M or G for a size");
    }

    @Test
    void entriesAreReadBackUnchangedAndWrongOnesRefused() {
        assertThat(AccessBits.parse(List.of(BITS.toString().split(",")))).isEqualTo(BITS).hasSameHashCodeAs(BITS);
        assertThat(AccessBits.parse(List.of())).isEqualTo(AccessBits.NONE);
        assertThat(AccessBits.parse(List.of("1=SYSTEM"))).isNotEqualTo(BITS);
        for (String wrong : List.of("64=X", "SYSTEM", "1=", "1=2", "=X", "-1=X")) {
            invalid(
                    () -> AccessBits.parse(List.of(wrong)),
                    "'" + wrong + "' names no bit: write a number from 0 to 63, '=' and a name");
        }
        invalid(
                () -> AccessBits.parse(List.of("1=A", "1=B")),
                "'1=B': each bit has one name, and each name is that of one bit");
        invalid(
                () -> AccessBits.parse(List.of("1=A", "2=A")),
                "'2=A': each bit has one name, and each name is that of one bit");
    }

    private static void invalid(ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(DmaBufException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID))
                .hasMessage(message);
    }
}
