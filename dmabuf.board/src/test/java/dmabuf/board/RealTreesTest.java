// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dmabuf.api.BusWindow;
import dmabuf.api.spi.Board;
import dmabuf.api.spi.Board.BoardNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Trees of real boards, which are not part of the project: the folder is named by the system property
 * {@code dmabuf.board.trees}, else it is where a checkout may have it beside itself. Without it the tests are skipped,
 * and say so.
 */
class RealTreesTest {
    private static final Path FOLDER = Path.of(System.getProperty("dmabuf.board.trees", "../../shared/boards"));

    private static List<Path> trees() throws IOException {
        if (!Files.isDirectory(FOLDER)) {
            System.out.println("RealTreesTest skipped: no folder " + FOLDER.toAbsolutePath().normalize());
            assumeTrue(false, "no folder " + FOLDER);
        }
        try (Stream<Path> files = Files.walk(FOLDER)) {
            return files.filter(file -> file.toString().endsWith(".dtb")).sorted().toList();
        }
    }

    private static Board board(String name) throws IOException {
        Optional<Path> tree = trees().stream().filter(file -> file.endsWith(name + ".dtb")).findFirst();
        assumeTrue(tree.isPresent(), "no tree " + name);
        return new TreeBoardReader(ProfileTable.shipped()).read(tree.get());
    }

    private static BoardNode node(Board board, String path) {
        return board.nodes().stream().filter(node -> node.path().equals(path)).findFirst().orElseThrow();
    }

    @Test
    void everyTreeReads() throws IOException {
        TreeBoardReader reader = new TreeBoardReader(ProfileTable.shipped());
        int nodes = 0;
        for (Path tree : trees()) {
            Board board = reader.read(tree);
            assertThat(board.nodes()).as(tree.toString()).isNotEmpty();
            nodes += board.nodes().size();
        }
        System.out.println("RealTreesTest read " + trees().size() + " trees with " + nodes + " nodes of " + FOLDER);
    }

    @Test
    void anImx8mMiniSeesMemoryFrom1GibInOnePiece() throws IOException {
        BoardNode codec = node(board("imx8mm-evk"), "/soc@0/video-codec@38300000");
        assertThat(codec.windows()).containsExactly(new BusWindow(0x4000_0000L, 0x4000_0000L, 0xc000_0000L));
        assertThat(codec.iommus()).isEmpty();
        assertThat(codec.constraints()).hasToString("range=0x40000000..0xffffffff maxSegments=1");
    }

    @Test
    void anRk3399HasTheSameCodecBehindAnIommu() throws IOException {
        BoardNode codec = node(board("rk3399-rock-pi-4a"), "/video-codec@ff650000");
        assertThat(codec.profile()).contains("rockchip,rk3399-vpu");
        assertThat(codec.iommus()).containsExactly("/iommu@ff650800");
    }

    @Test
    void aRaspberryPi4SeesTheLowGibibyteAt3Gib() throws IOException {
        Board board = board("bcm2711-rpi-4-b");
        BoardNode hvs = node(board, "/soc/hvs@7e400000");
        assertThat(hvs.windows()).containsExactly(new BusWindow(0xc000_0000L, 0, 0x4000_0000L));
        assertThat(hvs.constraints()).hasToString("range=0x0..0x3fffffff maxSegments=1");
        assertThat(board.allocators().getFirst().configuration())
                .as("linux,cma with alloc-ranges below 1 GiB")
                .containsEntry("base", Long.toString(0x3c00_0000L)).containsEntry("size", Long.toString(64L << 20));
    }

    @Test
    void aPinephonesDeinterlacerIsWiredToMemoryPastItsParent() throws IOException {
        assertThat(node(board("sun50i-a64-pinephone-1.2"), "/soc/deinterlace@1e00000").windows())
                .containsExactly(new BusWindow(0, 0x4000_0000L, 0xc000_0000L));
    }
}
