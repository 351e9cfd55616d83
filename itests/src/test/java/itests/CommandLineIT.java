// SPDX-License-Identifier: Apache-2.0
package itests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the gateway does for one command line: scenarios, boards, shell commands; with the status of each. */
class CommandLineIT {
    private static final Path OWN = Run.ROOT.resolve("dmabuf.shell/src/main/resources/scenarios");
    private static final Path SHARED = Run.ROOT.resolveSibling("shared");

    @TempDir
    Path folder;

    @Test
    void theProjectsOwnScenariosPass() throws Exception {
        List<String> files = files(OWN, ".scn");
        Run run = gateway("scenario", files);

        assertThat(run.out()).matches("[0-9]{3,} passed, 0 failed\n");
        assertThat(run.status()).isZero();
    }

    @Test
    void theSharedScenariosPassWhereTheyAre() throws Exception {
        List<String> files = files(SHARED.resolve("scenarios"), ".scn");
        System.out.println(files.isEmpty() ? "skipped: no scenarios in " + SHARED : "run: " + files);
        assumeTrue(!files.isEmpty());

        Run run = gateway("scenario", files);

        assertThat(run.out()).matches("[0-9]+ passed, 0 failed\n");
        assertThat(run.status()).isZero();
    }

    @Test
    void eachFailedCaseIsOneLineWithFileLineAndBothSides() throws Exception {
        Path file = Files.writeString(folder.resolve("bad.scn"), """
                case good
                device A align=4K
                merge A -> ok align=4K
                case facts
                device A align=4K
                merge A -> ok align=8K maxSegments=1 granule=1
                merge A -> ok align=16K
                case outcome
                device A range=0..1
                device B range=2..3
                merge A,B
                case reason
                device A align=3 -> INCOMPATIBLE
                case word
                devise A
                case values
                device A align=3
                """);
        Run run = gateway("scenario", List.of(file.toString(), folder.resolve("none.scn").toString()));

        assertThat(run.out().lines().toList()).satisfiesExactly(
                line -> assertThat(line).isEqualTo(file + ":6: case facts: merge A: expected ok align=8K maxSegments=1"
                        + " granule=1, came align=4K maxSegments=none"),
                line -> assertThat(line)
                        .startsWith(file + ":11: case outcome: merge A,B: expected ok, came INCOMPATIBLE"
                                + " blames=A.range,B.range ("),
                line -> assertThat(line)
                        .startsWith(file + ":13: case reason: device A align=3: expected INCOMPATIBLE, came INVALID"),
                line -> assertThat(line)
                        .startsWith(file + ":15: case word: unknown statement 'devise': did you mean device?"),
                line -> assertThat(line).isEqualTo(file + ":17: case values: device A align=3: expected ok, came"
                        + " INVALID blames=none (align=0x3 is not a power of two)"),
                line -> assertThat(line).isEqualTo(folder.resolve("none.scn") + ": no such file"),
                line -> assertThat(line).isEqualTo("1 passed, 6 failed"));
        assertThat(run.status()).isEqualTo(1);
    }

    @Test
    void aCaseThatFailsLeavesTheOthersAlone() throws Exception {
        Path file = Files.writeString(folder.resolve("two.scn"), """
                case one
                allocator a type=scripted accepts=all
                buffer b size=4K
                fill b 1
                verify b 2
                case two
                allocator a type=scripted accepts=all
                buffer b size=4K
                verify b zero
                expect a live=1
                """);
        Run run = gateway("scenario", List.of(file.toString()));

        assertThat(run.out()).startsWith(file + ":5: case one: verify b 2: byte 0 of 4096: expected 0x");
        assertThat(run.lastLine()).isEqualTo("1 passed, 1 failed");
    }

    @Test
    void shellCommandsShareABufferAndReportWhatFails() throws Exception {
        Run fine = gateway("-c", List.of("create cam 64K; fill cam 7; verify cam 7; free cam"));
        assertThat(fine.err()).isEmpty();
        assertThat(fine.out().lines().toList())
                .containsExactly(
                        "buffer cam#1 of 64K: no memory yet; attach the devices, then map",
                        "cam: 65536 bytes written",
                        "cam: 65536 bytes are as written",
                        "cam is released");
        assertThat(fine.status()).isZero();

        Run wrong = gateway("-c", List.of("create cam 64K; info came; verify cam 7; crate x; buffers"));
        assertThat(wrong.err().lines().toList()).satisfiesExactly(
                line -> assertThat(line)
                        .isEqualTo("EINVAL: no buffer, device or allocator has the name came: did you mean cam?"),
                line -> assertThat(line).startsWith("EIO: byte 0 of 65536: expected 0x"),
                line -> assertThat(line).startsWith("Command not found: crate: did you mean create"));
        assertThat(wrong.out()).contains("Total 1 objects, 65536 bytes");
        assertThat(wrong.status()).isEqualTo(1);
    }

    @Test
    void commandsOfOtherBundlesAreThereByTheirBareNames() throws Exception {
        Run run = gateway("-c", List.of("buffers; lb -s; log error"));

        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("org.apache.felix.scr");
        assertThat(run.status()).isZero();
    }

    @Test
    void tasksAreCommandsWithTheirStatusToo() throws Exception {
        Path tree = Files.write(folder.resolve("plain.dtb"), TinyBoard.blob(false));
        Path cases = Files.writeString(folder.resolve("bad.scn"), "case one\ndevice A align=3\n");
        Run board = gateway("-c", List.of("board " + tree + "; x = board " + tree + " --json; ($x get 0) get path"));
        assertThat(board.out()).startsWith("A tiny board  (" + tree + ")").endsWith("\n/soc/codec@1000\n");
        assertThat(board.status()).isZero();

        Run plan = gateway("-c", List.of("plan 64K; plan 64G"));
        assertThat(plan.out()).startsWith("65536 bytes for 0 devices:").contains("refused: ");
        assertThat(plan.status()).isEqualTo(1);

        Run bad = gateway("-c", List.of("scenario " + cases + "; board none.dtb; watch --for 1 --count 1; move"));
        assertThat(bad.out()).startsWith(cases + ":2: case one: ").endsWith("0 passed, 1 failed\n");
        assertThat(bad.err()).contains("none.dtb", "ETIME: fewer than 1 events within 1 s", "move: BUFFER is missing");
        assertThat(bad.status()).isEqualTo(1);
    }

    @Test
    void listsAreJsonOnDemand() throws Exception {
        Run run = gateway("-c", List.of("create a 65; buffers --json"));
        assertThat(run.lastLine())
                .startsWith("[{\"id\":1,\"name\":\"a\",\"owner\":\"dmabuf.shell\",\"size\":65,\"storage\":0,\"flags\":[")
                .endsWith("\"lastRefusal\":null}]");
        assertThat(run.status()).isZero();
    }

    @Test
    void oneTextRunsOnABoardWithAnIommuAndOnOneWithout() throws Exception {
        Files.write(folder.resolve("plain.dtb"), TinyBoard.blob(false));
        Files.write(folder.resolve("mmu.dtb"), TinyBoard.blob(true));
        Path file = Files.writeString(folder.resolve("boards.scn"), """
                case plain
                board plain.dtb
                buffer frame size=3133440
                attach frame (family=hantro)
                map frame codec@1000 from -> ok allocator=contig contiguous=yes tried=system,contig mapped=codec@1000
                merge (family=hantro) -> ok range=0x40000000..0x5fffffff maxSegments=1
                remove codec@1000
                map frame codec@1000 -> GONE
                case mmu
                board mmu.dtb
                buffer frame size=3133440
                attach frame (family=hantro)
                map frame (family=hantro) from -> ok allocator=iommu contiguous=yes segments=1
                fill frame 5
                verify frame 5
                case elsewhere
                board plain.dtb ram=0x48000000..0x4fffffff
                buffer frame size=64K
                attach frame /soc/codec@1000
                map frame codec@1000 -> ok segments=1
                plan size=1M devices=codec@1000 -> ok allocator=system segment0=0x8100000+1M
                case nowhere
                board none.dtb -> ACCESS
                """);
        Run run = gateway("scenario", List.of(file.toString()));

        assertThat(run.out()).isEqualTo("4 passed, 0 failed\n");
        assertThat(run.status()).isZero();
    }

    @Test
    void boardAsJsonAndAsText() throws Exception {
        String plain = Files.write(folder.resolve("plain.dtb"), TinyBoard.blob(false)).toString();
        String mmu = Files.write(folder.resolve("mmu.dtb"), TinyBoard.blob(true)).toString();
        String node = "{\"path\":\"/soc/codec@1000\",\"compatible\":[\"nxp,imx8mm-vpu-g1\"],\"iommus\":[],\"coherent\":false,"
                + "\"windows\":[{\"bus\":0,\"cpu\":1073741824,\"size\":536870912}],\"memoryRegions\":[],";

        Run one = gateway("board", List.of(plain, "--json"));
        assertThat(one.out()).startsWith("[" + node).endsWith("}]\n");
        assertThat(one.status()).isZero();

        Run two = gateway("board", List.of(plain, mmu, "--all", "--json"));
        assertThat(two.out())
                .startsWith("[\n{\"file\":\"" + plain + "\",\"nodes\":[{\"path\":\"/soc\",")
                .contains(",\n{\"file\":\"" + mmu + "\",", "\"iommus\":[\"/soc/iommu@2000\"]")
                .endsWith("]}\n]\n");
        assertThat(two.status()).isZero();

        Run text = gateway("board", List.of(mmu));
        assertThat(text.out()).startsWith("A tiny board  (" + mmu + ")").contains("codec@1000  decoder", "iommu@2000");
    }

    @Test
    void planSaysTheDecisionOrWhatIsInTheWay() throws Exception {
        String plain = Files.write(folder.resolve("plain.dtb"), TinyBoard.blob(false)).toString();

        Run fits = gateway("plan", List.of("--board", plain, "--size", "3133440", "(family=hantro)"));
        assertThat(fits.out())
                .startsWith("On A tiny board, 3133440 bytes for 1 device:\n  /soc/codec@1000\n")
                .contains("served by: contig\n", "codec@1000 sees 1 segment:\n  0x1c000000+0x2fd000  3060K\n");
        assertThat(fits.status()).isZero();

        Run not = gateway("plan", List.of("--board", plain, "--size", "128M", "codec@1000", "--json"));
        assertThat(not.out()).contains("\"allocator\":null", "\"reason\":\"FRAGMENTED\",\"errno\":\"ENOMEM\"")
                .contains("\"fits\":{\"name\":\"/soc/codec@1000\",\"field\":\"maxSegments\"}");
        assertThat(not.status()).isEqualTo(1);
    }

    @Test
    void aTreeThatCannotBeReadIsNamedAndIsStatus1() throws Exception {
        Path broken = Files.writeString(folder.resolve("broken.dtb"), "no tree");
        Run run = gateway("board", List.of(broken.toString(), "--json"));

        assertThat(run.out()).isEmpty();
        assertThat(run.err()).startsWith("gateway: EINVAL: " + broken + ": ");
        assertThat(run.status()).isEqualTo(1);
    }

    @Test
    void wrongUsageIsStatus2() throws Exception {
        Run run = gateway("plan", List.of("--board", "x.dtb", "cam"));

        assertThat(run.err()).startsWith("gateway: --size is missing\nusage: ./gateway scenario FILE...");
        assertThat(run.status()).isEqualTo(2);
    }

    private static List<String> files(Path from, String suffix) throws IOException {
        if (!Files.isDirectory(from)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(from)) {
            return all.map(Path::toString).filter(name -> name.endsWith(suffix)).sorted().toList();
        }
    }

    private Run gateway(String task, List<String> arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(task));
        all.addAll(arguments);
        return Run.of(folder, all);
    }
}
