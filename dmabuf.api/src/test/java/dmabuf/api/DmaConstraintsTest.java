// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each field: its domain, its neutral value and how it combines. */
class DmaConstraintsTest {
    private static void assertInvalid(Function<DmaConstraintsBuilder, ?> call, String message) {
        assertThatThrownBy(() -> call.apply(DmaConstraints.builder()))
                .isInstanceOfSatisfying(DmaBufException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID))
                .hasMessage(message);
    }

    private static DmaConstraints of(String text) {
        return DmaConstraints.parse(text);
    }

    @Test
    @DisplayName("built step by step is the same as read")
    void built() {
        assertThat(DmaConstraints.builder().addressRanges(AddressRanges.parse("0..0xffff")).alignment(8).maxSegments(2)
                        .maxSegmentSize(4096).segmentBoundary(65536).granule(16).sizeDivisor(3).minSize(1).maxSize(9999)
                        .accessMask(6).pools(List.of("a")).coherentRequired(true).secureRequired(true).exclusive(true)
                        .clear(ConstraintField.IOMMU).build())
                .isEqualTo(of("range=0..0xffff align=8 maxSegments=2 maxSegmentSize=4K boundary=64K granule=16"
                        + " divisor=3 minSize=1 maxSize=9999 access=6 pools=a coherent secure exclusive"));
    }

    @ParameterizedTest(name = "{0} is refused")
    @DisplayName("every field out of its domain is INVALID, and the message says what is allowed")
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            range=none             | range is empty: state at least one address
            range=5..3             | range 0x5..0x3 is empty: the first address is above the last
            range=0..9,5..12       | ranges 0x0..0x9 and 0x5..0xc overlap
            range=7                | '7' is not a range: write lo..hi, both inclusive
            align=0                | align=0x0 is not a power of two
            align=3                | align=0x3 is not a power of two
            maxSegments=0          | maxSegments=0 is not allowed: it must be at least 1; leave it out for no limit
            maxSegmentSize=0       | maxSegmentSize=0 is not allowed: it must be at least 1; leave it out for no limit
            boundary=0             | boundary=0x0 is not a power of two
            boundary=0xF0F0        | boundary=0xf0f0 is not a power of two
            granule=0              | granule=0x0 is not a power of two
            granule=6K             | granule=0x1800 is not a power of two
            divisor=0              | divisor=0 is not allowed: it must be at least 1; leave it out for no limit
            minSize=2 maxSize=1    | minSize=2 is above maxSize=1, compared as multiples of align=1
            minSize=65 maxSize=100 align=64 | minSize=65 is above maxSize=100, compared as multiples of align=64
            minSize=-1             | '-1' is not a number: write decimal, 0x or 0b, with K, M or G for a size
            maxSize=16777216K0     | '16777216K0' is not a number: write decimal, 0x or 0b, with K, M or G for a size
            maxSize=17179869184G   | '17179869184G' is more than 64 bits
            access=0b2             | '0b2' is not a number: write decimal, 0x or 0b, with K, M or G for a size
            pools=                 | pools is present but empty: name at least one pool, or leave it out for any
            pools=a,,b             | pools has an empty name: a,,b
            pools=a\\              | pools='a\\' ends in the middle of an escape, or has a bad one
            pools=a\\u00           | pools='a\\u00' ends in the middle of an escape, or has a bad one
            coherent=yes           | 'coherent' stands alone, not so 'coherent=yes'
            mask                   | unknown constraint 'mask': the fields are range, align, maxSegments, \
            maxSegmentSize, boundary, granule, divisor, minSize, maxSize, access, pools, coherent, secure, exclusive
            align=4 align=8        | 'align' is stated twice
            """)
    void domains(String text, String message) {
        assertThatThrownBy(() -> DmaConstraints.parse(text))
                .isInstanceOfSatisfying(DmaBufException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID))
                .hasMessage(message);
    }

    @Test
    @DisplayName("the builder refuses the same as the text")
    void builder() {
        assertInvalid(builder -> builder.addressRanges(AddressRanges.NONE),
                "range is empty: state at least one address");
        assertInvalid(builder -> builder.alignment(-2), "align=0xfffffffffffffffe is not a power of two");
        assertInvalid(builder -> builder.maxSegments(0),
                "maxSegments=0 is not allowed: it must be at least 1; leave it out for no limit");
        assertInvalid(builder -> builder.pools(List.of()),
                "pools is present but empty: name at least one pool, or leave it out for any");
        assertInvalid(builder -> builder.minSize(2).maxSize(1).build(),
                "minSize=2 is above maxSize=1, compared as multiples of align=1");
    }

    @Test
    @DisplayName("null parameters are refused and change nothing")
    void nulls() {
        DmaConstraintsBuilder builder = DmaConstraints.builder().alignment(8);
        assertThatThrownBy(() -> builder.addressRanges(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> builder.pools(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> builder.pools(java.util.Arrays.asList("a", null)))
                .isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> builder.clear(null)).isInstanceOf(NullPointerException.class);
        assertThat(builder.build()).isEqualTo(of("align=8"));
        assertThatThrownBy(() -> DmaConstraints.NEUTRAL.combine(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> DmaConstraints.NEUTRAL.tryCombine(null)).isInstanceOf(NullPointerException.class);
        assertThatThrownBy(() -> DmaConstraints.parse(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    @DisplayName("unset means neutral, never a hidden default")
    void neutral() {
        DmaConstraints unset = DmaConstraints.builder().build();
        assertThat(unset).isEqualTo(DmaConstraints.NEUTRAL).isEqualTo(of("")).hasToString("");
        assertThat(unset.addressRanges()).isEqualTo(AddressRanges.ALL);
        assertThat(unset.alignment()).isEqualTo(1);
        assertThat(unset.maxSegments()).isEmpty();
        assertThat(unset.maxSegmentSize()).isEmpty();
        assertThat(unset.segmentBoundary()).isEmpty();
        assertThat(unset.granule()).isEqualTo(1);
        assertThat(unset.sizeDivisor()).isEqualTo(1);
        assertThat(unset.minSize()).isZero();
        assertThat(unset.maxSize()).isEmpty();
        assertThat(unset.accessMask()).isEqualTo(-1);
        assertThat(unset.pools()).isEmpty();
    }

    @ParameterizedTest(name = "{0} with {1} is {2}")
    @DisplayName("each field combines by its rule")
    @CsvSource(delimiter = '|', textBlock = """
            range=0..0xfff,0x2000..0x2fff | range=0x800..0x27ff | range=0x800..0xfff,0x2000..0x27ff
            align=4           | align=64K           | align=64K
            maxSegments=1     | maxSegments=64      | maxSegments=1
            maxSegments=1     | coherent            | maxSegments=1 coherent
            maxSegmentSize=64K | maxSegmentSize=4K  | maxSegmentSize=4K
            boundary=0x10000000000 | boundary=0x8000000000000000 | boundary=1024G
            granule=4K        | granule=64K         | granule=64K
            divisor=48        | divisor=64          | divisor=192
            divisor=0x8000000000000000 | divisor=3   | refused divisor
            divisor=0xffffffffffffffff | divisor=0xffffffffffffffff | divisor=0xffffffffffffffff
            minSize=4K        | minSize=8K          | minSize=8K
            maxSize=4K        | maxSize=8K          | maxSize=4K
            maxSize=0         | minSize=1           | refused minSize
            minSize=65 align=64 | maxSize=100       | refused minSize
            minSize=0xffffffffffffffff | align=2    | minSize=0xffffffffffffffff align=2
            access=0b0110     | access=0b0011       | access=0b0010
            access=0x8000000000000001 | access=0x8000000000000000 | access=0x8000000000000000
            access=0b0110     | access=0b1001       | refused mask
            access=0          | access=0b0010       | access=0b0010
            pools=a,b         | pools=b,c           | pools=b
            pools=a           | pools=b             | refused pools
            coherent          | secure              | coherent secure
            exclusive         | exclusive           | exclusive
            range=0..1        | range=2..3          | refused range
            """)
    void combines(String a, String b, String expected) {
        if (expected.startsWith("refused ")) {
            String field = expected.substring("refused ".length());
            assertThat(of(a).contradiction(of(b)).map(ConstraintField::label)).hasValue(field);
            assertThatThrownBy(() -> of(a).combine(of(b)))
                    .isInstanceOfSatisfying(
                            DmaBufException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INCOMPATIBLE))
                    .hasMessage(field + " leaves nothing: " + of(a) + " against " + of(b));
        } else {
            assertThat(of(a).combine(of(b))).isEqualTo(of(expected));
        }
    }

    @Test
    @DisplayName("a mask of 0 counts as all ones, and is remembered for the warning")
    void zeroMask() {
        assertThat(of("access=0").accessMask()).isEqualTo(-1);
        assertThat(of("access=0").isAccessMaskStatedZero()).isTrue();
        assertThat(of("access=0")).isEqualTo(DmaConstraints.NEUTRAL).hasToString("access=0");
        assertThat(of("access=0").combine(DmaConstraints.NEUTRAL).isAccessMaskStatedZero()).isFalse();
    }

    @Test
    @DisplayName("the size asked for must lie within both bounds as given, not rounded")
    void permitsSize() {
        DmaConstraints bounds = of("minSize=65 maxSize=200 align=64");
        assertThat(bounds.permitsSize(64)).isFalse();
        assertThat(bounds.permitsSize(65)).isTrue();
        assertThat(bounds.permitsSize(200)).isTrue();
        assertThat(bounds.permitsSize(201)).isFalse();
        assertThat(DmaConstraints.NEUTRAL.permitsSize(Long.MAX_VALUE)).isTrue();
        assertThat(of("maxSize=0").permitsSize(1)).isFalse();
    }
}
