// SPDX-License-Identifier: Apache-2.0
package itests;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.spi.Allocator;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.assertj.core.api.SoftAssertions;
import org.junit.Test;
import org.osgi.framework.Bundle;

/**
 * The conformance suite beside a running gateway: it passes our allocators, the examples and the sound allocator of the
 * tests, and catches each planted fault by the check that is about it.
 */
public class CertifyIT extends GatewayConfiguration {
    /** The fault and the check that must catch it; {@link CertifyCommandIT} has the one that never stops. */
    private static final Map<String, String> FAULTS = Map.ofEntries(
            entry("TooShort", "size"), entry("TooLong", "size"), entry("Misaligned", "alignment"),
            entry("Ungranular", "granule"), entry("OutOfRange", "range"), entry("ThrowsOnHuge", "huge"),
            entry("ByIdentity", "match-same"), entry("ChangesItsMind", "match-same"), entry("Dirty", "zero-again"),
            entry("Overlaps", "overlap"), entry("GivesTwice", "overlap"), entry("Leaks", "drain"),
            entry("MiscountsAPage", "statistics"), entry("HangsInStatistics", "statistics"),
            entry("ThrowsOnRelease", "release-quiet"), entry("WrongReason", "fragmented"),
            entry("BooksBeforeMemory", "memory-refused"), entry("MovesOntoOthers", "move-refused"),
            entry("Deadlocks", "threads"), entry("Unguarded", "threads"), entry("UsesRequestsLater", "request-over"),
            entry("ClaimsNothing", "orphans"), entry("BringsItsOwn", "memory"), entry("StaysLoaded", "unload"),
            entry("NoGuard", "map-guard"), entry("KeepsMappings", "map-exhaustion"),
            entry("TranslatesAsOnePiece", "map-translate"));

    private static final Pattern FAILED = Pattern.compile(
            "\"check\":\"([a-z-]+)\",\"group\":\"[a-z]+\",\"promise\":\"[^\"]*\",\"source\":\"[^\"]*\",\"verdict\":\"failed\"");

    @Inject
    private CommandProcessor gogo;

    @Test
    public void eachPlantedFaultIsCaughtByTheCheckThatIsAboutIt() throws Exception {
        Map<String, List<String>> caught = new LinkedHashMap<>();
        for (String fault : FAULTS.keySet().stream().sorted().toList()) {
            caught.put(fault, failed(certify(BrokenBundles.jar(fault), "--json")));
        }
        SoftAssertions softly = new SoftAssertions();
        caught.forEach((fault, checks) -> softly.assertThat(checks).as(fault).contains(FAULTS.get(fault)));
        softly.assertAll();
    }

    @Test
    public void theSoundAllocatorsOfTheTestsPassEveryCheck() throws Exception {
        for (String sound : List.of("Sound", "SoundMapper")) {
            String report = certify(BrokenBundles.jar(sound), "");
            assertThat(report).as(sound).contains("certified: ", " 0 failed").doesNotContain("FAILED");
        }
    }

    @Test
    public void ourAllocatorsPassAlsoBesideThemselves() throws Exception {
        for (String type : List.of("contig", "system", "iommu")) {
            String report = certify(only(HOME.resolve("bundle"), "allocator." + type + "-"), "");
            assertThat(report).as(type).contains("certified: ", " 0 failed", "departure", "unload").doesNotContain("FAILED");
        }
    }

    @Test
    public void theExamplesPass() throws Exception {
        String report = certify(only(Path.of("examples/allocator.bank/target"), "allocator.bank-"), "");

        assertThat(report).startsWith("allocator.bank 1.0.0.SNAPSHOT: allocator bank, type bank, priority 250");
        assertThat(report).contains("certified: ", " 0 failed").doesNotContain("FAILED");
        String replacement = certify(only(Path.of("examples/allocator.bestfit/target"), "allocator.bestfit-"), "");
        assertThat(replacement).startsWith("allocator.bestfit 1.0.0.SNAPSHOT: allocator certify, type contig, priority 100");
        assertThat(replacement).contains("certified: ", " 0 failed").doesNotContain("FAILED");
    }

    @Test
    public void aBundleWithoutTheCapabilityIsCaught() throws Exception {
        assertThat(failed(certify(BrokenBundles.jar("Sound", ""), "--json"))).containsExactly("capability");
    }

    @Test
    public void whatIsCertifiedIsNeverSeenByTheGatewayAndLeavesNothing() throws Exception {
        List<String> bundles = bundles();
        int services = context.getServiceReferences(Allocator.class, null).size();
        Seen seen = new Seen();
        context.addServiceListener(seen, "(objectClass=" + Allocator.class.getName() + ")");

        certify(BrokenBundles.jar("Sound"), "");

        assertThat(seen.events).isZero();
        assertThat(bundles()).isEqualTo(bundles);
        assertThat(context.getServiceReferences(Allocator.class, null)).hasSize(services);
    }

    private List<String> bundles() {
        return Arrays.stream(context.getBundles()).map(Bundle::toString).toList();
    }

    private static Path only(Path folder, String prefix) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(prefix))
                    .filter(file -> file.toString().endsWith(".jar"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static List<String> failed(String json) {
        assertThat(json).startsWith("{\"file\":");
        return FAILED.matcher(json).results().map((MatchResult result) -> result.group(1)).toList();
    }

    private String certify(Path jar, String option) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
                PrintStream progress = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
                CommandSession session = gogo.createSession(new ByteArrayInputStream(new byte[0]), print, progress)) {
            session.execute("dmabuf:certify " + option + " " + jar.toAbsolutePath());
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
