// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Reason;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScenarioParserTest {
    private static List<ScenarioCase> parse(String text) {
        return ScenarioParser.parse(text.lines().toList());
    }

    private static Statement statement(String line) {
        ScenarioCase only = parse("case T\n" + line).getFirst();
        assertThat(only.error().map(error -> error.text)).isEmpty();
        return only.statements().getFirst();
    }

    private static ScenarioError error(String line) {
        return parse("case T\n" + line).getFirst().error().orElseThrow();
    }

    @Test
    void casesWithTitlesCommentsAndBlankLines() {
        List<ScenarioCase> cases = parse(
                """
                # a comment
                case A1 the first -> of all
                device cam   # trailing

                case A2
                \tbuffer b size=1M
                """);
        assertThat(cases).extracting(ScenarioCase::id).containsExactly("A1", "A2");
        assertThat(cases).extracting(ScenarioCase::line).containsExactly(2, 5);
        assertThat(cases.get(0).statements()).singleElement().extracting(Statement::text).isEqualTo("device cam");
        assertThat(cases.get(1).statements()).singleElement().extracting(Statement::line).isEqualTo(6);
    }

    @Test
    void anEmptyFileHasNoCase() {
        assertThat(parse("# nothing\n\n")).isEmpty();
    }

    @Test
    void windowsLineEndsAndAByteOrderMark() {
        assertThat(ScenarioParser.parse(List.of("\ufeffcase A\r", "device cam\r")))
                .singleElement()
                .satisfies(each -> assertThat(each.error()).isEmpty());
    }

    @Test
    void keysFlagsAndAlternatives() {
        Statement device = statement("device A maxSegments=1 coherent alt align=64K alt");
        assertThat(device.verb()).isEqualTo(Verb.DEVICE);
        assertThat(device.name()).isEqualTo("A");
        assertThat(device.options())
                .containsExactly(
                        new Options(Map.of("maxSegments", "1"), Set.of("coherent")),
                        new Options(Map.of("align", "64K"), Set.of()),
                        new Options(Map.of(), Set.of()));
    }

    @Test
    void filtersKeepTheirEqualsSignsAndCommas() {
        Statement map = statement("map b (|(family=a,b)(name=c)) from -> ok segments=1");
        assertThat(map.words()).containsExactly("b", "(|(family=a,b)(name=c))");
        assertThat(map.first().has("from")).isTrue();
        assertThat(Names.split("(|(f=a,b)(n=c)),cam")).containsExactly("(|(f=a,b)(n=c))", "cam");
        assertThat(Names.split("linux\\,cma,other")).containsExactly("linux,cma", "other");
        assertThat(Names.split("")).isEmpty();
    }

    @Test
    void outcomes() {
        assertThat(statement("free b").expectation()).isEqualTo(Expectation.SUCCESS);
        assertThat(statement("free b -> ok warns=1").expectation())
                .isEqualTo(new Expectation(Optional.empty(), Map.of("warns", "1")));
        assertThat(statement("attach b A -> INCOMPATIBLE blames=A.mask,B.mask").expectation())
                .isEqualTo(new Expectation(Optional.of(Reason.INCOMPATIBLE), Map.of("blames", "A.mask,B.mask")));
        assertThat(statement("expect b state=backed moves=1").expectation())
                .isEqualTo(new Expectation(Optional.empty(), Map.of("state", "backed", "moves", "1")));
        assertThat(statement("expect b -> GONE").expectation().refusal()).contains(Reason.GONE);
    }

    @Test
    void aThirdPartysAllocatorTakesAnyKey() {
        assertThat(statement("allocator x type=bank bank=3 fast").first())
                .isEqualTo(new Options(Map.of("type", "bank", "bank", "3"), Set.of("fast")));
    }

    @Test
    void anUnknownWordSpoilsOnlyItsCase() {
        List<ScenarioCase> cases = parse("case A\ndevise cam\nalso wrong\ncase B\ndevice cam\n");
        assertThat(cases.get(0).error()).get().extracting(error -> error.line).isEqualTo(2);
        assertThat(cases.get(1).error()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '%', textBlock = """
            devise cam | unknown statement 'devise': did you mean device? known are
            device cam maxSegment=1 | unknown key of 'device' 'maxSegment': did you mean maxSegments or maxSegmentSize?
            device cam fast | unknown word of 'device' 'fast': known are
            device cam align | unknown word of 'device' 'align': did you mean align=?
            device | 'device' needs a word after it, and has 0
            device cam align=1 align=2 | 'align' is given twice
            device cam -> | nothing after '->': write ok or a reason
            device cam -> fine | unknown outcome 'fine': known are
            device cam -> INCOMPATABLE | unknown outcome 'INCOMPATABLE': did you mean INCOMPATIBLE?
            attach b cam -> ok colour=red | unknown fact of 'attach' 'colour': known are
            attach b cam -> ok live=1 | unknown fact of 'attach' 'live': known are
            attach b cam -> ok align | the fact 'align' has no value: write align=VALUE
            attach b cam -> ok align=x | bad fact 'align=x': 'x' is not a number
            attach b cam -> ok coherent=maybe | bad fact 'coherent=maybe': 'maybe' is none of [no, yes]
            attach b cam -> ok range=5 | bad fact 'range=5': '5' is not a range
            map b cam -> ok segment0=5 | bad fact 'segment0=5': '5' is no segment
            expect b state=full | bad fact 'state=full': 'full' is none of [backed, deferred, released]
            expect b colour=red | unknown fact of 'expect' 'colour': known are
            buffer b | 'buffer' has no size: add size=VALUE
            plan size=1M | 'plan' has no devices: add devices=VALUE
            allocator a | allocator has no type: add type=contig
            allocator a type=contig ram=0..1 | unknown key of type=contig 'ram': known are
            allocator a type=system secure | unknown flag of type=system 'secure': there is none here
            map b cam sideways | unknown word of 'map' 'sideways': known are
            """)
    void errorsNameTheWord(String line, String message) {
        assertThat(error(line).text).startsWith(message);
        assertThat(error(line).line).isEqualTo(2);
    }

    @Test
    void aStatementBeforeTheFirstCase() {
        ScenarioCase only = parse("device cam\n").getFirst();
        assertThat(only.error()).get().satisfies(error -> {
            assertThat(error.line).isEqualTo(1);
            assertThat(error.text).isEqualTo("'device' stands before the first case: begin with case ID");
        });
    }

    @Test
    void aCaseWithoutId() {
        assertThat(parse("case\n").getFirst().error().orElseThrow().text)
                .isEqualTo("'case' has no id: write case ID [text]");
    }
}
