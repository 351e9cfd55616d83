// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.shell.line.TaskCommands;
import dmabuf.shell.usage.Usage;
import dmabuf.shell.usage.Usages;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.junit.jupiter.api.Test;

class CommandsTest {
    private static final Map<String, Object> FRAME = new LinkedHashMap<>(Map.of(
            "name", "frame", "id", 3L, "allocator", Optional.of("contig"), "address", OptionalLong.of(4096),
            "laggards", List.of("gpu")));

    @Test
    void gogosOwnHelpSaysTheSameAsOurs() {
        List<Method> methods = Stream.of(
                        DmaBufCommands.class, ListCommands.class, OwnerCommands.class, WatchCommand.class, HelpCommand.class, TaskCommands.class)
                .flatMap(type -> Arrays.stream(type.getMethods()))
                .filter(method -> method.getParameterCount() == 2 && method.getParameterTypes()[0] == CommandSession.class)
                .toList();
        assertThat(methods).extracting(Method::getName)
                .containsExactlyInAnyOrderElementsOf(Usages.all().stream().map(Usage::name).toList());
        assertThat(methods).allSatisfy(method -> assertThat(method.getAnnotation(Descriptor.class).value())
                .isEqualTo(Usages.of(method.getName()).purpose()));
    }

    @Test
    void anAnswersFieldsAreRead() {
        Answer answer = new Answer("frame is there\n", FRAME);
        assertThat(answer.name()).isEqualTo("frame");
        assertThat(answer.id()).isEqualTo(3L);
        assertThat(answer.allocator()).isEqualTo("contig");
        assertThat(answer.get("address")).isEqualTo(4096L);
        assertThat(answer.get("laggards")).hasToString("[\"gpu\"]");
        assertThatThrownBy(() -> answer.get("size")).hasMessageStartingWith("there is no field size; there are [");
        assertThat(new Answer("", Map.of("id", "contig")).name()).as("what has no name has an id").isEqualTo("contig");
    }

    @Test
    void aListingsRowsAreAnswers() {
        Answer listing = new Answer("one\n", List.of(FRAME));
        assertThat(listing.rows()).singleElement().extracting(row -> ((Answer) row).name()).isEqualTo("frame");
        assertThat(((Answer) listing.get("0")).name()).isEqualTo("frame");
        assertThatThrownBy(() -> listing.get("1")).hasMessage("there is no row 1 of 1");
        assertThatThrownBy(() -> listing.get("99999999999")).hasMessage("there is no row 99999999999 of 1");
        assertThat(new AnswerConverter().convert(String.class, listing)).isEqualTo("one");
        assertThat(new AnswerConverter().convert(java.util.Collection.class, listing)).isEqualTo(listing.rows());
        assertThat(new AnswerConverter().convert(Integer.class, listing)).isNull();
        assertThat(new AnswerConverter().format(listing, 0, new AnswerConverter())).isEqualTo("one");
    }

    @Test
    void completionIsToldForEveryCommandInWordsThatGogoReads() {
        assertThat(CompletionRules.script().lines()).allMatch(line -> line.startsWith("gogo:complete -c dmabuf:"));
        assertThat(CompletionRules.script())
                .contains("gogo:complete -c dmabuf:create -l late -d \"may the storage move")
                .contains("gogo:complete -c dmabuf:board -a 'gogo:__files'")
                .contains("-a 'dmabuf:__candidates ($.commandLine words) ($.commandLine wordIndex)'");
        assertThat(Usages.all()).allSatisfy(usage -> {
            assertThat(usage.purpose()).doesNotContain("'", "\"", "$", "\\");
            assertThat(usage.options()).allSatisfy(
                    option -> assertThat(option.meaning()).doesNotContain("'", "\"", "$", "\\"));
        });
    }
}
