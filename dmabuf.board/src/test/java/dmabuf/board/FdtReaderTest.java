// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class FdtReaderTest {
    private static FdtWriter small() {
        return new FdtWriter()
                .reserve(0x1000, 0x2000)
                .begin("")
                .cells("#address-cells", 2)
                .strings("model", "A board")
                .begin("soc@0")
                .strings("compatible", "vendor,soc", "simple-bus")
                .property("dma-ranges")
                .cell(4)
                .begin("codec@1000")
                .cells("phandle", 7)
                .cells("reg", 0, 0x1000, 0x10)
                .end()
                .end()
                .begin("chosen")
                .end()
                .end();
    }

    private static DmaBufException refused(byte[] blob) {
        try {
            FdtReader.read(blob);
        } catch (DmaBufException e) {
            assertThat(e.reason()).isEqualTo(Reason.INVALID);
            return e;
        }
        throw new AssertionError("a broken tree was read");
    }

    private static byte[] patched(Consumer<ByteBuffer> patch) {
        byte[] blob = small().blob();
        patch.accept(ByteBuffer.wrap(blob));
        return blob;
    }

    @Test
    void readsNodesPropertiesAndReservations() {
        TreeImage read = FdtReader.read(small().blob());
        DeviceTree tree = read.tree();
        assertThat(tree.nodes()).extracting(TreeNode::path)
                .containsExactly("/", "/soc@0", "/soc@0/codec@1000", "/chosen");
        assertThat(read.reservations()).containsExactly(new AddressRange(0x1000, 0x2fff));
        TreeNode codec = tree.find("/soc@0/codec@1000").orElseThrow();
        assertThat(codec).isSameAs(tree.byPhandle(7).orElseThrow());
        assertThat(codec.baseName()).isEqualTo("codec");
        assertThat(codec.property("reg").orElseThrow().number(0, 2)).isEqualTo(0x1000);
        assertThat(tree.find("/soc@0").orElseThrow().compatible()).containsExactly("vendor,soc", "simple-bus");
        assertThat(tree.find("/soc@0").orElseThrow().property("dma-ranges").orElseThrow().isEmpty()).isTrue();
        assertThat(tree.find("/soc@1")).isEmpty();
    }

    @Test
    void readsVersion16WhoseStructureHasNoStatedSize() {
        byte[] blob = patched(bytes -> bytes.putInt(20, 16).putInt(36, 0xffffffff));
        assertThat(FdtReader.read(blob).tree().nodes()).hasSize(4);
    }

    @Test
    void ignoresWhatFollowsTheTree() {
        byte[] blob = small().blob();
        assertThat(FdtReader.read(Arrays.copyOf(blob, blob.length + 100)).tree().nodes()).hasSize(4);
    }

    @Test
    void refusesAHeaderThatIsNone() {
        assertThat(refused(new byte[0])).hasMessage("device tree: the header is cut off: 0 of 40 bytes (offset 0x0)");
        assertThat(refused(new byte[100 << 20]))
                .hasMessage("device tree: the magic number is 0x0, not 0xd00dfeed (offset 0x0)");
        assertThat(refused(patched(bytes -> bytes.putInt(20, 3))))
                .hasMessage("device tree: version 3 is older than 16 (offset 0x14)");
        assertThat(refused(patched(bytes -> bytes.putInt(20, 99).putInt(24, 18))))
                .hasMessage("device tree: made for readers of version 18; this one reads 17 (offset 0x18)");
    }

    @Test
    void refusesBlocksOutsideOfTheBlob() {
        assertThat(refused(patched(bytes -> bytes.putInt(4, 0xfffffff0))))
                .hasMessage("device tree: a size of 4294967280 bytes; at most 4194304 are read (offset 0x4)");
        assertThat(refused(patched(bytes -> bytes.putInt(4, 0x1000))))
                .hasMessage("device tree: the header states 4096 bytes, the file has 323 (offset 0x4)");
        assertThat(refused(patched(bytes -> bytes.putInt(8, 0xffffffff))))
                .hasMessage("device tree: a block at 0xffffffff of 323 bytes (offset 0x8)");
        assertThat(refused(patched(bytes -> bytes.putInt(8, 41))))
                .hasMessage("device tree: a block at 0x29, no multiple of 4 (offset 0x8)");
        assertThat(refused(patched(bytes -> bytes.putInt(32, 0x7fffffff))))
                .hasMessageContaining("a block of 2147483647 bytes at").hasMessageEndingWith("(offset 0x20)");
        assertThat(refused(patched(bytes -> bytes.putInt(36, -1)))).hasMessageEndingWith("(offset 0x24)");
        assertThat(refused(patched(bytes -> bytes.putInt(16, 320))))
                .hasMessage("device tree: the memory reservations do not end (offset 0x140)");
        assertThat(refused(patched(bytes -> bytes.putLong(40, -1).putLong(48, 2))))
                .hasMessage("device tree: a memory reservation that ends beyond 2^64 (offset 0x28)");
    }

    @Test
    void refusesStructuresThatMakeNoTree() {
        assertThat(refused(new FdtWriter().blob())).hasMessage("device tree: no root node (offset 0x38)");
        assertThat(refused(new FdtWriter().begin("").blob()))
                .hasMessage("device tree: the tree ends inside of node / (offset 0x40)");
        assertThat(refused(new FdtWriter().end().blob()))
                .hasMessage("device tree: the end of a node that never began (offset 0x38)");
        assertThat(refused(new FdtWriter().begin("").end().begin("b").end().blob()))
                .hasMessage("device tree: a second root node 'b' (offset 0x44)");
        assertThat(refused(new FdtWriter().cells("a", 1).blob()))
                .hasMessage("device tree: property 'a' outside of any node (offset 0x38)");
        assertThat(refused(new FdtWriter().cell(5).blob())).hasMessage("device tree: unknown token 0x5 (offset 0x38)");
        assertThat(refused(new FdtWriter().begin("").begin("a").end().cells("b", 1).blob()))
                .hasMessage("device tree: property 'b' of / after its child nodes (offset 0x4c)");
        assertThat(refused(new FdtWriter().begin("").begin("a").end().begin("a").blob()))
                .hasMessage("device tree: a second node /a (offset 0x4c)");
        assertThat(refused(new FdtWriter().begin("").cells("a", 1).cells("a", 2).blob()))
                .hasMessage("device tree: a second property 'a' of / (offset 0x50)");
    }

    @Test
    void refusesNamesThatAreNone() {
        assertThat(refused(new FdtWriter().begin("").begin("").blob()))
                .hasMessage("device tree: a name of 0 characters; 1 to 255 are legal (offset 0x40)");
        assertThat(refused(new FdtWriter().begin("").begin("a/b").blob()))
                .hasMessage("device tree: 'a/b' is no name (offset 0x40)");
        assertThat(refused(new FdtWriter().begin("").begin("a\u001b[2J").blob()))
                .hasMessage("device tree: 'a?[2J' is no name (offset 0x40)");
        assertThat(refused(new FdtWriter().begin("").begin("a".repeat(256)).blob()))
                .hasMessage("device tree: the name of a node does not end within 256 bytes (offset 0x44)");
    }

    @Test
    void refusesPropertiesThatReachOutside() {
        FdtWriter longValue = new FdtWriter().begin("").cell(3).cell(0x7fffffff).cell(0);
        assertThat(refused(longValue.blob())).hasMessage(
                "device tree: a property of 2147483647 bytes reaches beyond the structure (offset 0x40)");
        FdtWriter negative = new FdtWriter().begin("").cell(3).cell(-1).cell(0);
        assertThat(refused(negative.blob())).hasMessage(
                "device tree: a property of 4294967295 bytes reaches beyond the structure (offset 0x40)");
        FdtWriter strayName = new FdtWriter().begin("").cells("a", 1).cell(3).cell(0).cell(99);
        assertThat(refused(strayName.blob()))
                .hasMessage("device tree: the name of a property at 0x63 of a string block of 2 bytes (offset 0x50)");
    }

    @Test
    void boundsDepthNodesAndPaths() {
        FdtWriter deep = new FdtWriter();
        for (int i = 0; i < 1000; i++) {
            deep.begin("n");
        }
        assertThat(refused(deep.blob()))
                .hasMessage("device tree: nodes nested deeper than 64 levels (offset 0x240)");
        FdtWriter wide = new FdtWriter().begin("");
        for (int i = 0; i < TreeBuilder.MAX_NODES; i++) {
            wide.begin("n" + i).end();
        }
        assertThat(refused(wide.end().blob())).hasMessageStartingWith("device tree: more than 65536 nodes");
        FdtWriter longPath = new FdtWriter().begin("");
        for (int i = 0; i < 10; i++) {
            longPath.begin("n".repeat(250));
        }
        assertThat(refused(longPath.blob())).hasMessageStartingWith("device tree: a path of more than 1024 characters");
    }

    @Test
    void refusesAbsurdCellCounts() {
        assertThat(refused(Dts.compile("/ { soc { #address-cells = <5>; }; };")))
                .hasMessage("device tree: absurd #address-cells of /soc: one cell from 0 to 4 is legal (offset 0x48)");
        assertThat(refused(Dts.compile("/ { #size-cells = <0xffffffff>; };")))
                .hasMessageContaining("absurd #size-cells of /");
        assertThat(refused(Dts.compile("/ { #iommu-cells = <17>; };")))
                .hasMessageContaining("absurd #iommu-cells of /: one cell from 0 to 16 is legal");
        assertThat(refused(Dts.compile("/ { #iommu-cells = \"ab\"; };"))).hasMessageContaining("absurd #iommu-cells");
        assertThat(refused(Dts.compile("/ { #interconnect-cells; };")))
                .hasMessageContaining("absurd #interconnect-cells");
        assertThat(FdtReader.read(Dts.compile("/ { #vendor-cells = <99>; };")).tree().nodes())
                .as("what nobody uses may say anything").hasSize(1);
    }

    @Test
    void aPropertySaysWhereItsCellsEnd() {
        TreeProperty reg = Dts.tree("reg = <1 2 3>;").root().property("reg").orElseThrow();
        assertThat(reg.cellCount()).isEqualTo(3);
        assertThat(reg.number(0, 3)).as("the low 64 bits").isEqualTo(0x0000_0002_0000_0003L);
        assertThat(reg.number(0, 0)).isZero();
        assertThatThrownBy(() -> reg.cell(3)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> reg.bytes().put(0, (byte) 1)).isInstanceOf(java.nio.ReadOnlyBufferException.class);
    }

    @Test
    void stringsForgiveAMissingEnd() {
        TreeNode root = Dts.tree("a = \"x\", \"\", \"y\"; b = [61 62]; c;").root();
        assertThat(root.strings("a")).containsExactly("x", "", "y");
        assertThat(root.strings("b")).containsExactly("ab");
        assertThat(root.strings("c")).isEmpty();
        assertThat(root.strings("d")).isEmpty();
    }

    @Test
    void statusIsThatOfAllAncestors() {
        DeviceTree tree = Dts.tree(
                "a { status = \"okay\"; b { status = \"ok\"; c { }; }; };"
                        + " d { status = \"disabled\"; e { status = \"okay\"; }; }; f { status; };");
        assertThat(tree.find("/a/b/c").orElseThrow().isEnabled()).isTrue();
        assertThat(tree.find("/d/e").orElseThrow().isEnabled()).isFalse();
        assertThat(tree.find("/f").orElseThrow().isEnabled()).isFalse();
    }
}
