// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import static checkers.input.Documented.check;

import allocator.contig.ContigFactory;
import allocator.iommu.IommuFactory;
import allocator.system.SystemFactory;
import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.Board;
import dmabuf.api.spi.MemoryService;
import dmabuf.core.CoreDoor;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Files of scenarios: parsed, and run on the real core, where a statement may be refused or may fail, and nothing may throw
 * what is not documented. Cases that ask to wait are parsed only, and there are no files of boards.
 */
public final class ScenarioInput {
    private static final Pattern WAITS = Pattern.compile("\\b(wait|hangs)=");
    private static final int MOST_CASES = 4;
    private static final MemoryService MEMORY = CoreDoor.memory();
    private static final ScenarioServices SERVICES = new ScenarioServices(
            () -> CoreDoor.sandbox(MEMORY),
            MEMORY,
            ScenarioInput::noBoard,
            Map.of("contig", new ContigFactory(), "iommu", new IommuFactory(), "system", new SystemFactory()));

    private ScenarioInput() {}

    /** Takes an input of the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) throws InterruptedException {
        String text = new String(input, StandardCharsets.UTF_8);
        List<String> lines = text.lines().toList();
        List<ScenarioCase> cases = ScenarioParser.parse(lines);
        if (cases.size() <= MOST_CASES && !WAITS.matcher(text).find()) {
            run(lines);
            check(MEMORY.inUse() == 0, "bytes that are still out: " + MEMORY.inUse());
        }
    }

    private static void run(List<String> lines) throws InterruptedException {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        new ScenarioRunner(SERVICES, out).run("fuzz", lines, Path.of("."));
        String failures = said.toString(StandardCharsets.UTF_8);
        check(!failures.contains("came an unexpected") && !failures.contains("did not end within"), failures);
    }

    private static Board noBoard(Path file, Optional<AddressRange> ram) {
        throw new DmaBufException(Reason.ACCESS, "cannot read " + file);
    }
}
