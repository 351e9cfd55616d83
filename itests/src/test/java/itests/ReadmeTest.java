// SPDX-License-Identifier: Apache-2.0
package itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class ReadmeTest {
    private static final Path EXAMPLE = Path.of("examples/allocator.bank/src/main/java/allocator/bank/BankAllocator.java");

    @Test
    void theExampleStandsInTheReadmeLetterByLetter() throws IOException {
        String source = Files.readString(EXAMPLE);
        String block = source.lines().map(line -> line.isEmpty() ? "" : "    " + line).collect(Collectors.joining("\n"));

        assertThat(Files.readString(Run.ROOT.resolve("README.md"))).contains(block);
    }
}
