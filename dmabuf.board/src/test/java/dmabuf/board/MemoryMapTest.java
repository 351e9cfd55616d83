// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class MemoryMapTest {
    private static MemoryMap map(String inside) {
        return map(inside, OptionalLong.empty());
    }

    private static MemoryMap map(String inside, OptionalLong lowestWindow) {
        byte[] blob = Dts.compile("/ { #address-cells = <1>; #size-cells = <1>; " + inside + "};");
        return MemoryMap.of(FdtReader.read(blob), lowestWindow, Optional.empty());
    }

    /** Returns the one pool of a board of 2 GiB from 0x80000000 with that reserved memory. */
    private static String pools(String reserved) {
        String memory = "memory { reg = <0x80000000 0x80000000>; }; ";
        return map(memory + "reserved-memory { " + reserved + " };").pools().toString();
    }

    @Test
    void theWholeBoard() {
        MemoryMap map = MemoryMap.of(FdtReader.read(Dts.fixture("cases")), OptionalLong.empty(), Optional.empty());
        assertThat(map.pools()).containsExactly(
                new MemoryMap.Pool("contig", AddressRange.parse("0x6c000000..0x6fffffff"), false),
                new MemoryMap.Pool("dsp-pool@50000000", AddressRange.parse("0x50000000..0x50ffffff"), true));
        assertThat(map.ram())
                .as("without firmware, pools and what the header reserves; a disabled node reserves nothing")
                .hasToString("0x40010000..0x4fffffff,0x51000000..0x5fffffff,0x60100000..0x6bffffff,"
                        + "0x70000000..0xbfffffff");
    }

    @Test
    void ramIsWhatMemoryNodesState() {
        assertThat(map("memory@0 { reg = <0x0 0x1000000>; }; memory@2000000 { reg = <0x2000000 0x1000000>,"
                        + " <0x3000000 0x1000000>, <0x9000000 0x0>; };").ram())
                .hasToString("0x0..0xffffff,0x2000000..0x3ffffff");
        assertThat(map("memory-controller { reg = <0x0 0x1000>; }; ram { device_type = \"memory\";"
                + " reg = <0x10000000 0x1000>; };").ram()).hasToString("0x10000000..0x10000fff");
        assertThat(map("memory@0 { reg = <0x0 0x2000>; }; memory@1000 { reg = <0x1000 0x2000>; };").ram())
                .as("overlapping").hasToString("0x0..0x2fff");
    }

    @Test
    void ramThatTheTreeDoesNotStateIsTwoGibibytes() {
        assertThat(map("memory@80000000 { reg = <0x80000000 0x0>; };", OptionalLong.of(0x40000000)).ram())
                .as("from the base that it states").hasToString("0x80000000..0xfbffffff");
        assertThat(map("memory { };", OptionalLong.of(0x40000000)).ram())
                .as("from the lowest bus window").hasToString("0x40000000..0xbbffffff");
        assertThat(map("", OptionalLong.empty()).ram()).hasToString("0x0..0x7bffffff");
        assertThat(map("", OptionalLong.of(-0x1000)).ram()).hasToString("0xfffffffffffff000..0xffffffffffffffff");
    }

    @Test
    void ramCanBePutElsewhere() {
        MemoryMap map = MemoryMap.of(
                FdtReader.read(Dts.fixture("cases")),
                OptionalLong.empty(),
                Optional.of(AddressRanges.parse("0x48000000..0x67ffffff")));
        assertThat(map.ram()).hasToString("0x48000000..0x4fffffff,0x51000000..0x5fffffff,0x60100000..0x63ffffff");
        assertThat(map.pools().getFirst().range()).hasToString("0x64000000..0x67ffffff");
    }

    @Test
    void theDefaultAreaIsTheHighestFreePlaceBelow4Gib() {
        assertThat(pools("")).isEqualTo("[Pool[name=contig, range=0xfc000000..0xffffffff, own=false]]");
        assertThat(pools("a { reg = <0xfe000000 0x1000000>; };"))
                .isEqualTo("[Pool[name=contig, range=0xfa000000..0xfdffffff, own=false]]");
        assertThat(map("memory { reg = <0x0 0x3000000>; };").pools()).as("48 MiB have no room for it").isEmpty();
        byte[] high = Dts.compile("/ { #address-cells = <2>; #size-cells = <1>;"
                + " memory { reg = <0x0 0xf0000000 0x8000000>, <0x1 0x0 0x80000000>; }; };");
        assertThat(MemoryMap.of(FdtReader.read(high), OptionalLong.empty(), Optional.empty()).pools().toString())
                .contains("range=0xf4000000..0xf7ffffff");
    }

    @Test
    void aPoolThatStatesASizeGetsTheHighestAlignedPlaceOfItsRanges() {
        String pool = "compatible = \"shared-dma-pool\"; size = <0x1000000>;";
        assertThat(pools("p { " + pool + " };")).contains("[name=p, range=0xff000000..0xffffffff, own=true]");
        assertThat(pools("p { " + pool + " alloc-ranges = <0x0 0x90000000>; };"))
                .contains("[name=p, range=0x8f000000..0x8fffffff, own=true]");
        assertThat(pools("p { " + pool + " alignment = <0x4000000>; alloc-ranges = <0x0 0x8f800000>; };"))
                .contains("[name=p, range=0x8c000000..0x8cffffff, own=true]");
        assertThat(pools("p { " + pool + " }; q { reg = <0xff800000 0x1000>; };"))
                .as("what states its place comes first").contains("[name=p, range=0xfe800000..0xff7fffff, own=true]");
        assertThat(pools("p { " + pool + " alloc-ranges = <0x0 0x80000000>; };"))
                .as("no RAM there").isEqualTo("[Pool[name=contig, range=0xfc000000..0xffffffff, own=false]]");
    }

    @Test
    void theDefaultPoolIsNamedContig() {
        assertThat(pools("linux,cma { compatible = \"shared-dma-pool\"; reusable; size = <0x10000000>;"
                        + " linux,cma-default; };"))
                .isEqualTo("[Pool[name=contig, range=0xf0000000..0xffffffff, own=false]]");
    }

    @Test
    void onlySharedDmaPoolsArePoolsAndNoneTwice() {
        assertThat(pools("a { size = <0x1000000>; };")).as("it is reserved all the same")
                .isEqualTo("[Pool[name=contig, range=0xfb000000..0xfeffffff, own=false]]");
        assertThat(pools("a@1 { compatible = \"shared-dma-pool\"; reg = <0x80000000 0x2000>; };"
                        + " b@2 { compatible = \"shared-dma-pool\"; reg = <0x80001000 0x2000>; };"))
                .contains("name=a@1").doesNotContain("b@2");
    }

    @Test
    void refusesMemoryThatMakesNoSense() {
        assertThatThrownBy(() -> pools("a { size = <0x1000>; alignment = <3>; };"))
                .isInstanceOf(DmaBufException.class)
                .hasMessageMatching(
                        "device tree: alignment 3 of /reserved-memory/a is no power of two \\(offset 0x[0-9a-f]+\\)");
        byte[] beyond = Dts.compile("/ { #address-cells = <2>; #size-cells = <1>;"
                + " memory { reg = <0xffffffff 0xfffff000 0x1001>; }; };");
        assertThatThrownBy(() -> MemoryMap.of(FdtReader.read(beyond), OptionalLong.empty(), Optional.empty()))
                .isInstanceOf(DmaBufException.class)
                .hasMessageContaining("reg of /memory has a region that ends beyond 2^64 (offset 0x");
        assertThatThrownBy(() -> map("memory { reg = <" + "0x0 0x1 ".repeat(65) + ">; };"))
                .hasMessageContaining("reg of /memory has more than 64 regions");
        assertThatThrownBy(() -> map(manyMemories()))
                .hasMessageContaining("more than 128 nodes like /memory@0");
    }

    private static String manyMemories() {
        StringBuilder nodes = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            nodes.append("memory@").append(i).append(" { }; ");
        }
        return nodes.toString();
    }
}
