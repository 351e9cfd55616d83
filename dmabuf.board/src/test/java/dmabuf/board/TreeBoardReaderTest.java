// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.Board;
import dmabuf.api.spi.BoardReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeBoardReaderTest {
    private final BoardReader reader = new TreeBoardReader(ProfileTable.shipped());

    @TempDir
    private Path folder;

    /** Lays a tree out as the kernel shows it in /proc/device-tree. */
    private static Path spread(TreeNode node, Path directory) {
        try {
            Files.createDirectories(directory);
            for (TreeProperty property : node.properties()) {
                byte[] value = new byte[property.bytes().limit()];
                property.bytes().get(value);
                Files.write(directory.resolve(property.name()), value);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        node.children().forEach(child -> spread(child, directory.resolve(child.name())));
        return directory;
    }

    private void refuses(Path tree, Reason reason, String message) {
        assertThatThrownBy(() -> reader.read(tree))
                .isInstanceOfSatisfying(DmaBufException.class, e -> assertThat(e.reason()).isEqualTo(reason))
                .hasMessage(message);
    }

    @Test
    void aLiveTreeSaysTheSameAsItsBlob() throws IOException {
        byte[] blob = Dts.fixture("cases");
        Path file = Files.write(folder.resolve("cases.dtb"), blob);
        Path live = spread(FdtReader.read(blob).tree().root(), folder.resolve("base"));
        Files.writeString(live.resolve("soc@0/security-key"), "x");
        Files.createSymbolicLink(live.resolve("soc@0/loop"), live);
        Path link = Files.createSymbolicLink(folder.resolve("device-tree"), live);
        Board fromBlob = reader.read(file);
        Board fromLive = reader.read(link);
        assertThat(fromLive.nodes()).isEqualTo(fromBlob.nodes());
        assertThat(fromLive.devices()).hasSameSizeAs(fromBlob.devices());
        assertThat(fromLive.model()).isEqualTo("Cases");
    }

    @Test
    void ramCanBePutElsewhere() throws IOException {
        Path file = Files.write(folder.resolve("cases.dtb"), Dts.fixture("cases"));
        Board board = reader.read(file, Optional.of(AddressRange.parse("0..0x7ffffff")));
        assertThat(board.allocators())
                .filteredOn(allocator -> allocator.spec().id().equals("system"))
                .singleElement()
                .satisfies(system -> assertThat(system.configuration()).containsEntry("ram", "0x0..0x3ffffff"));
    }

    @Test
    void errorsNameTheFile() throws IOException {
        Path garbage = Files.write(folder.resolve("garbage"), new byte[100]);
        refuses(garbage, Reason.INVALID,
                garbage + ": device tree: the magic number is 0x0, not 0xd00dfeed (offset 0x0)");
        Path missing = folder.resolve("missing.dtb");
        refuses(missing, Reason.ACCESS, "cannot read " + missing + ": there is no " + missing);
    }

    @Test
    void aBrokenLiveTreeIsRefusedWithThePlace() throws IOException {
        Path live = Files.createDirectory(folder.resolve("live")).toRealPath();
        Files.write(live.resolve("#address-cells"), new byte[3]);
        refuses(live, Reason.INVALID, live + ": device tree: absurd #address-cells of /: one cell from 0 to 4 is legal"
                + " (file " + live.resolve("#address-cells") + ")");
        Files.write(live.resolve("#address-cells"), new byte[5 << 20]);
        refuses(live, Reason.INVALID, live + ": device tree: more than 4194304 bytes of properties"
                + " (file " + live.resolve("#address-cells") + ")");
    }

    @Test
    void theAllocatorsThatServeABoard() throws IOException {
        Board board = reader.read(Files.write(folder.resolve("cases.dtb"), Dts.fixture("cases")));
        assertThat(board.allocators()).extracting(allocator -> allocator.spec().id() + " " + allocator.spec().type()
                        + " " + allocator.spec().priority() + " " + allocator.configuration().getOrDefault("base", ""))
                .containsExactly(
                        "contig contig 100 1811939328",
                        "dsp-pool@50000000 contig 100 1342177280",
                        "system system 200 ",
                        "iommu iommu 300 ");
        assertThat(board.allocators().getLast().configuration())
                .containsEntry("domains", "/soc@0/iommu@3000,/soc@0/iommu@4000:0x10a0:0x8")
                .containsEntry("granule", "4096")
                .containsEntry("aperture", "0x100000..0xffffffff")
                .containsEntry("outputBits", "32")
                .containsEntry("ram", "0x40010000..0x4fffffff,0x51000000..0x5fffffff,0x60100000..0x6bffffff,"
                        + "0x70000000..0xbfffffff");
    }
}
