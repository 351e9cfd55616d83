// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway whose configuration file is broken, in part or as a whole, starts all the same and says what is wrong. */
class CorruptConfigurationIT {
    private static final String RIGHT_POOL = "\"allocator.contig~right\": {\"id\": \"right\", \"base\": \"0x30000000\", \"size\": \"1M\"}";

    @TempDir
    Path folder;

    private Path board;

    @BeforeEach
    void writeBoard() throws Exception {
        board = Files.write(folder.resolve("twin.dtb"), TwinBoard.blob());
    }

    private Gateway gateway(String configuration) throws Exception {
        Path file = Files.writeString(folder.resolve("gateway.json"), configuration);
        Gateway gateway = new Gateway(folder.resolve("storage"), board, file);
        gateway.install(Gateway.distribution());
        gateway.installWitness(Gateway.witness());
        Gateway.start(gateway.bundles());
        return gateway;
    }

    private static String file(String... pids) {
        return """
                {
                  ":configurator:resource-version": 1,
                  ":configurator:symbolic-name": "it",
                  ":configurator:version": "1.0.0",
                  %s
                }
                """.formatted(String.join(",\n", pids));
    }

    @Test
    void whatIsNoJsonIsNamedAndTheDefaultsHold() throws Exception {
        try (Gateway gateway = gateway("{ \"allocator.system\": { \"priority\": 7, ")) {
            patiently().until(() -> OrdersIT.isWhole(gateway.state()));
            assertThat(gateway.state()).contains("allocator system 200 of allocator.system serves");
            patiently().untilAsserted(() -> assertThat(gateway.log()).anyMatch(line -> line.contains("gateway.json")));
        }
    }

    @Test
    void aWrongValueIsSaidAndConcernsNothingElse() throws Exception {
        try (Gateway gateway = gateway(file(
                "\"allocator.contig~wrong\": {\"id\": \"wrong\", \"base\": \"here\", \"size\": \"1M\"}", RIGHT_POOL))) {
            patiently().until(() -> gateway.state().contains("allocator right "));
            patiently().until(() -> OrdersIT.isWhole(gateway.state()));
            assertThat(gateway.state()).doesNotContain("allocator wrong ");
            patiently().untilAsserted(() -> assertThat(gateway.log()).anyMatch(
                    line -> line.contains("base=here") && line.contains("write decimal, 0x or 0b")));
        }
    }

    @Test
    void aKeyThatNobodyKnowsIsNamedWithThoseThatAreKnown() throws Exception {
        try (Gateway gateway = gateway(file("\"allocator.system\": {\"prioritaet\": 7}", RIGHT_POOL))) {
            patiently().until(() -> gateway.state().contains("allocator right "));
            patiently().untilAsserted(() -> assertThat(gateway.log()).anyMatch(
                    line -> line.contains("unknown key 'prioritaet'") && line.contains("priority")));
            assertThat(gateway.state()).as("a system allocator that is wrong from the start is none").doesNotContain("allocator system ");
        }
    }
}
