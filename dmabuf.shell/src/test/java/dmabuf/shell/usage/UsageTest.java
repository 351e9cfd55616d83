// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UsageTest {
    private static final Usage MAP = Usages.of("map");
    private static final Usage CREATE = Usages.of("create");

    @Test
    void wordsAndOptionsMayStandInAnyOrder() {
        Arguments arguments = CREATE.parse(List.of("--late", "refuse", "frame", "--waits", "8M"));
        assertThat(arguments.words()).containsExactly("frame", "8M");
        assertThat(arguments.value("--late")).hasValue("refuse");
        assertThat(arguments.has("--waits")).isTrue();
        assertThat(arguments.has("--read-only")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "''|BUFFER is missing",
        "frame|DEVICE is missing",
        "frame cam to x|there is a word too many: x",
        "frame cam --mov|unknown option '--mov': did you mean --movable?",
        "frame --json|unknown option '--json': known: --movable"
    })
    void whatIsWrongIsNamed(String words, String message) {
        List<String> arguments = words.isEmpty() ? List.of() : List.of(words.split(" ", -1));
        assertThatThrownBy(() -> MAP.parse(arguments)).isInstanceOf(UsageError.class).hasMessage(message);
    }

    @Test
    void whatMayStandSomewhereIsKnown() {
        assertThat(MAP.wordAt(1).orElseThrow().kind()).isEqualTo(Kind.MEMBER);
        assertThat(MAP.wordAt(3)).isEmpty();
        assertThat(Usages.of("attach").wordAt(7).orElseThrow().kind()).as("one more").isEqualTo(Kind.DEVICE);
        assertThat(Usages.of("devices").wordAt(0)).isEmpty();
        assertThat(CREATE.option("--late").orElseThrow().takesValue()).isTrue();
        assertThat(CREATE.option("--soon")).isEmpty();
    }

    @Test
    void aPageSaysAll() {
        assertThat(MAP.page()).isEqualTo(
                """
                map: map a buffer for a device; the first map chooses the allocator

                usage: map BUFFER DEVICE [DIRECTION] [--movable]
                  BUFFER     a buffer's name, or its id as '#1', in quotes
                  DEVICE     an attached device
                  DIRECTION  which way data flows: to the device, from it, or both (default)
                  --movable  let go when the storage has to move

                for example
                  map frame family=hantro from
                """);
        assertThat(Usages.of("attach").synopsis()).isEqualTo("attach BUFFER DEVICE... [--optional A,B]");
        assertThat(Usages.of("create").synopsis()).as("more than a line holds").isEqualTo("create NAME SIZE [--option...]");
    }

    @Test
    void everyLineFitsOnAScreen() {
        assertThat(Usages.all()).allSatisfy(usage -> assertThat(usage.page().lines())
                .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(120)));
    }

    @Test
    void everyExampleIsRight() {
        assertThat(Usages.all()).allSatisfy(usage -> usage.page().lines()
                .dropWhile(line -> !line.equals("for example"))
                .skip(1)
                .map(line -> List.of(line.strip().replaceFirst(" \\|.*", "").split(" ")))
                .forEach(words -> {
                    assertThat(words.getFirst()).isEqualTo(usage.name());
                    usage.parse(words.subList(1, words.size()));
                }));
    }
}
