// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a device reaches on one of its ways. */
class DmaPathTest {
    private static final long MIB = 1L << 20;

    private static DmaPath path(String constraints) {
        return DmaPath.of(DmaConstraints.parse(constraints));
    }

    private static void assertInvalid(ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(DmaBufException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID))
                .hasMessage(message);
    }

    @Test
    @DisplayName("a mask counts in device addresses: CPU address minus the offset, which may be negative")
    void offsets() {
        DmaPath above = path("").withMaskBits(30).withWindows(List.of(BusWindow.ofOffset(0x80000000L)));
        assertThat(above.reachable()).hasToString("0x80000000..0xbfffffff");
        assertThat(above.toDevice(0x80001000L)).isEqualTo(0x1000);
        DmaPath below = path("").withMaskBits(32).withWindows(List.of(BusWindow.ofOffset(-0xc0000000L)));
        assertThat(below.reachable()).hasToString("0x0..0x3fffffff");
        assertThat(below.toDevice(0)).isEqualTo(0xc0000000L);
    }

    @Test
    @DisplayName("several windows make a set of intervals, also where they are neighbours")
    void windows() {
        DmaPath path = path("range=0x1800..0x4fff")
                .withWindows(List.of(new BusWindow(0x9000, 0x1000, 0x1000), new BusWindow(0, 0x2000, 0x2000)));
        assertThat(path.reachable()).hasToString("0x1800..0x1fff,0x2000..0x3fff");
        assertThat(path.toDevice(0x1fff)).isEqualTo(0x9fff);
        assertThat(path.toDevice(0x2000)).isZero();
        assertInvalid(() -> path.toDevice(0x4000), "CPU address 0x4000 lies in no bus window");
        assertThat(path.withAperture(AddressRange.parse("0x800..0x9bff")).reachable())
                .hasToString("0x1800..0x1bff,0x2800..0x3fff");
    }

    @Test
    @DisplayName("behind an IOMMU the windows count in the addresses that the mapper hands out")
    void virtual() {
        DmaPath path = path("").withWindows(List.of(new BusWindow(0x1000, 0x80000000L, 0x1000))).withIommu("smmu");
        assertThat(path.reachable()).hasToString("0x1000..0x1fff");
    }

    @Test
    @DisplayName("an offset that is no multiple of the device's own alignment, granule or boundary is INVALID")
    void offsetUnits() {
        List<BusWindow> odd = List.of(new BusWindow(0, 0x1000, MIB));
        assertInvalid(() -> path("align=8K").withWindows(odd),
                "offset 0x1000 is no multiple of the device's own alignment, granule or boundary: 0x2000");
        assertInvalid(() -> path("granule=64K").withWindows(odd),
                "offset 0x1000 is no multiple of the device's own alignment, granule or boundary: 0x10000");
        assertInvalid(() -> path("boundary=4G").withWindows(List.of(new BusWindow(0x1000, 0, MIB))),
                "offset -0x1000 is no multiple of the device's own alignment, granule or boundary: 0x100000000");
        assertThat(path("align=4K granule=1K boundary=4K").withWindows(odd).windows()).hasSize(1);
    }

    @Test
    @DisplayName("what leaves no address, and a mask of no bits, are INVALID")
    void nothingLeft() {
        assertInvalid(() -> path("range=0x100..0x1ff").withMaskBits(8),
                "range, mask, windows and aperture leave no address: range=0x100..0x1ff windows=[] aperture=none");
        assertInvalid(() -> path("range=0x100..0x1ff").withAperture(AddressRange.parse("0..0xff")),
                "range, mask, windows and aperture leave no address: range=0x100..0x1ff windows=[] aperture=0x0..0xff");
        assertInvalid(() -> path("").withMaskBits(0), "maskBits=0 is not between 1 and 64");
        assertInvalid(() -> path("").withMaskBits(65), "maskBits=65 is not between 1 and 64");
        assertInvalid(() -> new BusWindow(0, 0, 0),
                "size 0 at 0x0 is no range: it must be at least 1 and end below 2^64");
        assertInvalid(() -> new BusWindow(0, -1L, 2),
                "size 2 at 0xffffffffffffffff is no range: it must be at least 1 and end below 2^64");
        assertThat(path("").withMaskBits(64).reachable()).isEqualTo(AddressRanges.ALL);
        assertThat(path("").withMaskBits(1).reachable()).hasToString("0x0..0x1");
    }

    @Test
    @DisplayName("ways are equal when all of their parts are")
    void equal() {
        DmaPath path = path("align=4K");
        assertThat(path).isEqualTo(path("align=4K")).hasSameHashCodeAs(path("align=4K"));
        assertThat(List.of(
                        path.withConstraints(DmaConstraints.parse("align=8K")),
                        path.withWindows(List.of(new BusWindow(0, 0, MIB))),
                        path.withMaskBits(32),
                        path.withIommu("smmu"),
                        path.withAperture(AddressRange.parse("0..0xfffff")),
                        path.withCoherent(true)))
                .doesNotContain(path).doesNotHaveDuplicates();
    }

    @Test
    @DisplayName("offset arithmetic that overflows: the ends of 64 bits")
    void overflow() {
        DmaPath up = path("").withWindows(List.of(BusWindow.ofOffset(-1L << 12)));
        assertThat(up.reachable()).hasToString("0x0..0xffffffffffffefff");
        assertThat(up.toDevice(0xffffffffffffefffL)).isEqualTo(-1L);
        DmaPath down = path("").withWindows(List.of(BusWindow.ofOffset(Long.MAX_VALUE - 4095)));
        assertThat(down.reachable()).hasToString("0x7ffffffffffff000..0xffffffffffffffff");
        assertThat(down.toDevice(-1L)).isEqualTo(0x8000000000000fffL);
        DmaPath far = path("").withWindows(List.of(BusWindow.ofOffset(Long.MIN_VALUE)));
        assertThat(far.reachable()).hasToString("0x0..0x7fffffffffffffff");
    }

    @Test
    @DisplayName("a part of a device inherits, and can only narrow")
    void parts() {
        DmaPath parent = path("range=0..0xffffff pools=low,high align=64K").withMaskBits(32).withIommu("smmu")
                .withAperture(AddressRange.parse("0..0xfffff")).withCoherent(true);
        DmaPath part = path("range=0x1000..0xffffffff pools=high,other").within(parent);
        assertThat(part.constraints()).isEqualTo(DmaConstraints.parse("range=0x1000..0xffffff pools=high"));
        assertThat(part.iommu()).hasValue("smmu");
        assertThat(part.isCoherent()).isTrue();
        assertThat(part.reachable()).hasToString("0x1000..0xfffff");
        DmaPath small = path("").withAperture(AddressRange.parse("0x1000..0x1fffff"));
        assertThat(small.within(parent).aperture()).hasToString("Optional[0x1000..0xfffff]");
        assertThat(small.within(path("")).aperture()).hasToString("Optional[0x1000..0x1fffff]");
        assertThat(path("").withMaskBits(30).within(parent).maskBits()).hasValue(30);
        assertThat(path("").withMaskBits(34).within(parent).maskBits()).hasValue(32);
        assertThat(path("").within(parent).maskBits()).hasValue(32);
        assertThat(path("").withMaskBits(30).within(path("")).maskBits()).hasValue(30);
        assertInvalid(() -> path("").withIommu("other").within(parent),
                "iommu=other differs from the parent's smmu: a sub-device inherits it");
        assertInvalid(() -> path("pools=other").within(parent),
                "range or pools lie outside the parent's: pools=other within " + parent.constraints());
        assertInvalid(() -> path("").withAperture(AddressRange.parse("0x100000..0x1fffff")).within(parent),
                "aperture 0x100000..0x1fffff lies outside the parent's 0x0..0xfffff");
        assertInvalid(() -> path("").withWindows(List.of(new BusWindow(0, 0, MIB))).within(parent),
                "the bus windows differ from the parent's: a sub-device inherits them");
    }

    @Test
    @DisplayName("null parameters are refused")
    void nulls() {
        DmaPath path = path("");
        List<ThrowingCallable> calls = List.of(
                () -> DmaPath.of(null),
                () -> path.withWindows(null),
                () -> path.withIommu(null),
                () -> path.withAperture(null),
                () -> path.withConstraints(null),
                () -> path.within(null),
                () -> path.without(null),
                () -> Device.of(null, List.of(path)),
                () -> Device.of("A", null),
                () -> AddressRanges.of((AddressRange) null),
                () -> AddressRanges.parse(null),
                () -> Quantity.parse(null),
                () -> Blame.of(null),
                () -> new Attempt(null, true, java.util.Optional.empty(), ""),
                () -> new SgTable(null));
        calls.forEach(call -> assertThatThrownBy(call).isInstanceOf(NullPointerException.class));
    }

    @Test
    @DisplayName("a field set back to neutral never takes addresses away")
    void without() {
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 10_000; i++) {
            DmaPath path = randomPath(random);
            Set<ConstraintField> fields = EnumSet.noneOf(ConstraintField.class);
            for (ConstraintField field : EnumSet.of(
                    ConstraintField.RANGE, ConstraintField.ALIGN, ConstraintField.APERTURE)) {
                if (random.nextBoolean()) {
                    fields.add(field);
                }
            }
            DmaPath relaxed = path.without(fields);
            assertThat(relaxed.stated().contains(ConstraintField.APERTURE))
                    .isEqualTo(path.aperture().isPresent() && !fields.contains(ConstraintField.APERTURE));
            for (AddressRange part : path.reachable().intervals()) {
                assertThat(relaxed.reachable().intersect(part).holds(part.byteSize())).as("%s without %s", path, fields)
                        .isTrue();
            }
        }
    }

    private static DmaPath randomPath(SplittableRandom random) {
        DmaPath path = path(random.nextBoolean() ? "range=0x80000..0xfffffff" : "align=4");
        if (random.nextBoolean()) {
            path = path.withWindows(List.of(
                    new BusWindow(random.nextInt(4) * MIB, random.nextInt(2) * MIB, 4 * MIB),
                    new BusWindow(100 * MIB, 16 * MIB, 4 * MIB)));
        }
        path = random.nextBoolean() ? path.withAperture(new AddressRange(0, 5 * MIB)) : path;
        return random.nextBoolean() ? path.withMaskBits(27) : path;
    }

    @Test
    @DisplayName("what a way states is told by field")
    void stated() {
        assertThat(path("").stated()).isEmpty();
        assertThat(path("align=4 maxSegments=1 exclusive").withMaskBits(32).withIommu("smmu").stated())
                .containsExactly(ConstraintField.RANGE, ConstraintField.ALIGN, ConstraintField.MAX_SEGMENTS,
                        ConstraintField.EXCLUSIVE, ConstraintField.IOMMU);
        assertThat(path("").withMaskBits(32).withIommu("smmu").without(EnumSet.allOf(ConstraintField.class)))
                .isEqualTo(path(""));
        DmaPath windowed = path("align=4 maxSegments=1").withWindows(List.of(new BusWindow(0, MIB, MIB)));
        assertThat(windowed.without(EnumSet.of(ConstraintField.ALIGN)))
                .isEqualTo(path("maxSegments=1").withWindows(windowed.windows()));
        assertThat(windowed.without(EnumSet.of(ConstraintField.RANGE))).isEqualTo(path("align=4 maxSegments=1"));
        DmaPath inside = windowed.withAperture(AddressRange.parse("0..0xfff"));
        assertThat(inside.without(EnumSet.of(ConstraintField.RANGE)))
                .as("it counts in their addresses").isEqualTo(inside);
    }

    @Test
    @DisplayName("written out and read back unchanged")
    void text() {
        DmaPath whole = DmaPath.of(DmaConstraints.parse("range=0..0xffffffff align=4K pools=a,b\\,c exclusive"))
                .withIommu("/iommu@1")
                .withWindows(List.of(new BusWindow(0, MIB, MIB), new BusWindow(4 * MIB, 8 * MIB, MIB)))
                .withMaskBits(30)
                .withAperture(new AddressRange(0, 0xfffff))
                .withCoherent(true);
        assertThat(whole)
                .hasToString("maskBits=30 window=0x0..0xfffff@0x100000,0x400000..0x4fffff@0x800000 iommu=/iommu@1"
                        + " aperture=0x0..0xfffff dmaCoherent range=0x0..0xffffffff align=4K pools=a,b\\,c exclusive");
        assertThat(DmaPath.parse(whole.toString())).isEqualTo(whole);
        assertThat(DmaPath.parse("")).isEqualTo(path(""));
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 1000; i++) {
            DmaPath path = randomPath(random);
            assertThat(DmaPath.parse(path.toString())).isEqualTo(path);
        }
    }

    @Test
    @DisplayName("an offset is one window over all addresses for which it is one")
    void offsetText() {
        assertThat(DmaPath.parse("offset=0x80000000")).isEqualTo(path("").withWindows(List.of(BusWindow.ofOffset(0x80000000L))));
        assertThat(DmaPath.parse("offset=-1M")).isEqualTo(path("").withWindows(List.of(BusWindow.ofOffset(-MIB))));
        assertThat(DmaPath.parse("offset=0")).isEqualTo(path(""));
    }

    @Test
    @DisplayName("words that are parted already are the same, with flags in full")
    void words() {
        assertThat(DmaPath.ofWords(Map.of("coherent", "true", "secure", "false", "dmaCoherent", "true", "align", "4")))
                .isEqualTo(DmaPath.parse("coherent dmaCoherent align=4"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', textBlock = """
            align=much          | align=much: 'much' is not a number: write decimal, 0x or 0b, with K, M or G for a size
            align=3             | align=0x3 is not a power of two
            maskBits=65         | maskBits=65 is not between 1 and 64
            maskBits=           | maskBits=: '' is not a number: write decimal, 0x or 0b, with K, M or G for a size
            aperture=1M         | aperture=1M: '1M' is not a range: write lo..hi, both inclusive
            window=0..1         | window=0..1: '0..1' is no window: write lo..hi@cpu, the bus addresses and the CPU \
            address of lo
            offset=1M window=0..1@0 | offset=1M is a window by itself: state it or window=0..1@0, not both
            iommu=              | iommu=: the domain has no name
            dmaCoherent=true    | 'dmaCoherent' stands alone, not so 'dmaCoherent=true'
            iommu               | iommu=: the domain has no name
            mask=32             | unknown constraint 'mask': the fields are range, align, maxSegments, \
            maxSegmentSize, boundary, granule, divisor, minSize, maxSize, access, pools, coherent, secure, exclusive, \
            iommu, maskBits, aperture, window, offset, dmaCoherent
            maskBits=8 maskBits=8 | 'maskBits' is stated twice
            """)
    void refused(String text, String message) {
        assertInvalid(() -> DmaPath.parse(text), message);
    }
}
