// SPDX-License-Identifier: Apache-2.0
package itests;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code ./gateway doctor} says of whatever machine this runs on: all that is needed works. */
class DoctorIT {
    @TempDir
    Path folder;

    @Test
    void whatIsNeededWorksHere() throws Exception {
        Run run = Run.of(folder, List.of("doctor"));

        assertThat(run.status()).as(run.out()).isZero();
        assertThat(run.out().lines()).as("one screen").hasSizeLessThan(50).allSatisfy(line -> assertThat(line.length()).isLessThan(160))
                .anyMatch(line -> line.matches("memory +(ok|missing) +heap:system .*"))
                .anyMatch(line -> line.matches(" +ok +memfd .*"))
                .anyMatch(line -> line.matches("limits +ok +memory .*"));
        assertThat(run.out()).doesNotContain("FAILED").containsPattern("(all is well|all that is needed works.*)\n$");
    }

    @Test
    void aScriptReadsIt() throws Exception {
        Run run = Run.of(folder, List.of("-c", "doctor --json"));

        assertThat(run.status()).isZero();
        try (JsonReader reader = Json.createReader(new StringReader(run.out()))) {
            JsonArray findings = reader.readArray();
            assertThat(findings.getValuesAs(JsonObject.class)).allSatisfy(finding -> {
                assertThat(finding.keySet()).containsExactly("area", "subject", "state", "text");
                assertThat(finding.getString("state")).isIn("ok", "missing");
                assertThat(finding.getString("text")).isNotBlank();
            });
            assertThat(findings.getValuesAs(JsonObject.class))
                    .filteredOn(finding -> finding.getString("area").equals("allocators"))
                    .extracting(finding -> finding.getString("subject"))
                    .contains("system", "contig");
        }
    }
}
