// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the project's own scenarios cover; that they pass is tested through the gateway. */
class OwnScenariosTest {
    private static final List<ScenarioCase> CASES = cases();

    private static List<ScenarioCase> cases() {
        try (Stream<Path> files = Files.list(Path.of("src/main/resources/scenarios"))) {
            return files.flatMap(OwnScenariosTest::parse).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Stream<ScenarioCase> parse(Path file) {
        try {
            return ScenarioParser.parse(Files.readAllLines(file)).stream();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void manyCasesEachWithAnIdOfItsOwn() {
        assertThat(CASES).hasSizeGreaterThan(60).allSatisfy(each -> assertThat(each.error()).isEmpty());
        assertThat(CASES).extracting(ScenarioCase::id).doesNotHaveDuplicates();
    }

    @Test
    void everyReasonIsExpectedSomewhere() {
        Set<Reason> expected = EnumSet.noneOf(Reason.class);
        statements().forEach(each -> each.expectation().refusal().ifPresent(expected::add));
        // Owners have no limit yet.
        assertThat(expected).isEqualTo(EnumSet.complementOf(EnumSet.of(Reason.QUOTA)));
    }

    @Test
    void everyStatementAndEveryWordOfADeviceIsUsed() {
        Set<Verb> verbs = EnumSet.noneOf(Verb.class);
        Set<String> words = new HashSet<>();
        statements().forEach(each -> {
            verbs.add(each.verb());
            each.options().forEach(options -> {
                words.addAll(options.values().keySet());
                words.addAll(options.flags());
            });
        });
        // Boards are tested with trees that the tests write.
        assertThat(verbs).isEqualTo(EnumSet.complementOf(EnumSet.of(Verb.BOARD)));
        assertThat(words).containsAll(Verb.DEVICE.keys).containsAll(Verb.DEVICE.flags).containsAll(Verb.BUFFER.keys);
    }

    @Test
    void everyFactIsStatedSomewhere() {
        Set<String> stated = new HashSet<>();
        statements().forEach(each -> stated.addAll(each.expectation().facts().keySet()));
        for (FactGroup group : FactGroup.values()) {
            assertThat(stated).containsAll(group.names());
        }
    }

    private static Stream<Statement> statements() {
        return CASES.stream().flatMap(each -> each.statements().stream());
    }
}
