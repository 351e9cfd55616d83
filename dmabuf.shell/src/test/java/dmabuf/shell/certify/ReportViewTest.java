// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.spi.AllocatorSpec;
import dmabuf.shell.text.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportViewTest {
    private static final Finding PASSED =
            new Finding("size", "places", "storage is exact", "Allocator.allocate", new Verdict.Passed());
    private static final Finding OMITTED = new Finding(
            "boundary", "places", "no table is too long", "contract 3", new Verdict.NotApplicable("it refused all"));
    private static final Finding FAILED = new Finding(
            "drain", "books", "what came back can be had", "Allocator.release",
            new Verdict.Failed("fill the pool,\nround 2", "42 pieces", "64 pieces"));

    private static Report report(Finding... findings) {
        return new Report("a.jar", "a 1.0.0", AllocatorSpec.of("bank", "bank", 250), false, 7, List.of(findings), false);
    }

    @Test
    void aTextHasALineForEachGroupAndTheSum() {
        assertThat(ReportView.text(report(PASSED, OMITTED)))
                .isEqualTo("""
                        a 1.0.0: allocator bank, type bank, priority 250
                          places      size, (boundary)
                        certified: 1 passed, 0 failed, 1 do not apply (seed 7)
                        """);
    }

    @Test
    void aFailureSaysWhatWasAskedWhatCameAndWhatIsRight() {
        assertThat(ReportView.text(report(PASSED, FAILED)))
                .isEqualTo("""
                        a 1.0.0: allocator bank, type bank, priority 250
                          places      size
                          books       drain: FAILED

                        drain: what came back can be had [Allocator.release]
                          asked  fill the pool,; round 2
                          came   42 pieces
                          right  64 pieces
                        NOT certified: 1 passed, 1 failed, 0 do not apply (seed 7)
                        """);
    }

    @Test
    void dataSaysTheSameAndWhyACheckDoesNotApply() {
        assertThat(Json.write(ReportView.data(report(OMITTED, FAILED))))
                .startsWith("{\"file\":\"a.jar\",\"bundle\":\"a 1.0.0\",\"allocator\":\"bank\",\"type\":\"bank\",")
                .contains(
                        "\"certified\":false",
                        "{\"check\":\"boundary\",\"group\":\"places\",\"promise\":\"no table is too long\","
                                + "\"source\":\"contract 3\",\"verdict\":\"not applicable\",\"why\":\"it refused all\"}",
                        "\"verdict\":\"failed\",\"asked\":\"fill the pool,\\nround 2\",\"came\":\"42 pieces\","
                                + "\"right\":\"64 pieces\"}");
    }
}
