// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.SplittableRandom;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes and addresses in words. */
class QuantityTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0", "64K, 65536", "64k, 65536", "1M, 1048576", "2G, 2147483648", "0x40000000, 1073741824", "0X1F, 31",
        "0b0110, 6", "0x10K, 16384", "18446744073709551615, -1", "0xffffffffffffffff, -1", "9223372036854775808,"
                + " -9223372036854775808", "17179869183G, -1073741824", "' 7 ', 7"
    })
    @DisplayName("decimal, 0x and 0b, with K, M and G, up to 64 bits")
    void reads(String text, long value) {
        assertThat(Quantity.parse(text)).isEqualTo(value);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "", "K", "0x", "0b", "-1", "+1", "0x-1", "0x+1", "0b+1", "1 0", "1T", "64KB", "1.5M", "0b12", "xff",
        "\u0661"})
    @DisplayName("anything else is INVALID")
    void noNumber(String text) {
        assertThatThrownBy(() -> Quantity.parse(text))
                .isInstanceOfSatisfying(DmaBufException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID))
                .hasMessage("'" + text + "' is not a number: write decimal, 0x or 0b, with K, M or G for a size");
    }

    @ParameterizedTest
    @ValueSource(strings = {"17179869184G", "0x10000000000000000", "18446744073709551616", "0xffffffffffffffffK"})
    @DisplayName("more than 64 bits is INVALID, not cut")
    void tooLarge(String text) {
        assertThatThrownBy(() -> Quantity.parse(text))
                .isInstanceOfSatisfying(DmaBufException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID))
                .hasMessageStartingWith("'" + text + "' is ");
    }

    @Test
    @DisplayName("100,000 random numbers are written and read back unchanged")
    void roundTrip() {
        SplittableRandom random = new SplittableRandom(10);
        for (int i = 0; i < 100_000; i++) {
            long value = random.nextLong() << random.nextInt(64) >>> random.nextInt(64);
            if (Quantity.parse(Quantity.format(value)) != value || Quantity.parse(Quantity.hex(value)) != value) {
                throw new AssertionError(Quantity.format(value));
            }
        }
        assertThat(Quantity.format(0)).isEqualTo("0");
        assertThat(Quantity.format(3133440)).isEqualTo("3060K");
        assertThat(Quantity.format(1L << 40)).isEqualTo("1024G");
    }
}
