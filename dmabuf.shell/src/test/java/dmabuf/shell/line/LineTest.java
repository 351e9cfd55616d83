// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.line;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.shell.usage.UsageError;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LineTest {
    @Test
    void tasks() {
        assertThat(Tasks.of(List.of("scenario", "a.scn", "b.scn"))).isEqualTo(new ScenarioTask(List.of("a.scn", "b.scn")));
        assertThat(Tasks.of(List.of("board", "--json", "a.dtb", "--all")))
                .isEqualTo(new BoardTask(List.of("a.dtb"), true, true));
        assertThat(Tasks.of(List.of("plan", "--board", "a.dtb", "--size", "1M", "cam", "family=hantro", "--json")))
                .isEqualTo(new PlanTask("a.dtb", 1 << 20, List.of("cam", "(family=hantro)"), true));
        assertThat(Tasks.of(List.of("doctor", "--json"))).isEqualTo(new DoctorTask(true));
        assertThat(Tasks.of(List.of("-c", "devices; buffers")))
                .isEqualTo(new SessionTask(List.of("devices", "buffers")));
    }

    @Test
    void behindTwoDashesEverythingIsAWord() {
        assertThat(Tasks.of(List.of("board", "--", "--json"))).isEqualTo(new BoardTask(List.of("--json"), false, false));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '%', textBlock = """
            run                               | unknown command 'run'
            scenario                          | no scenario file is named
            board --json                      | no device tree is named
            board a.dtb --jsn                 | unknown option '--jsn': did you mean --json?
            plan --size 1M cam                | --board is missing
            plan --board a.dtb cam            | --size is missing
            plan --board a.dtb --size 1M      | no device is named
            plan --board                      | --board needs a value
            plan --board a.dtb --size many c  | --size 'many' is not a number: write decimal, 0x or 0b, with K, M or G for a size
            doctor a.dtb                      | doctor takes no words
            -c                                | -c needs one argument: the commands, in quotes
            """)
    void misuse(String words, String message) {
        List<String> arguments = List.of(words.split(" ", -1));
        assertThatThrownBy(() -> Tasks.of(arguments)).isInstanceOf(UsageError.class).hasMessage(message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '%', textBlock = """
            a; b                    | a,b
            a "x;y"; b              | a "x;y",b
            a 'x;y'                 | a 'x;y'
            each {a; b}; c          | each {a; b},c
            a (b; c); ; d           | a (b; c),d
            a x\\;y ; b             | a x\\;y,b
            attach b (family=h) x   | attach b '(family=h)' x
            attach b (&(a=b)(c=d))  | attach b '(&(a=b)(c=d))'
            attach b '(family=h)'   | attach b '(family=h)'
            echo (lb)               | echo (lb)
            (family=h) a            | (family=h) a
            """)
    void commandsAreSplitOutsideQuotesAndBrackets(String text, String parts) {
        assertThat(Statements.split(text)).isEqualTo(List.of(parts.split(",", -1)));
    }

    @Test
    void commandsAreSplitAtLineEnds() {
        assertThat(Statements.split("a\n\nb\n")).containsExactly("a", "b");
    }
}
