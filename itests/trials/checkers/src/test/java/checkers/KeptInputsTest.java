// SPDX-License-Identifier: Apache-2.0
package checkers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the fuzzers once found is right in every build, without a fuzzer. */
class KeptInputsTest {

    @ParameterizedTest
    @EnumSource
    void endsInDocumentedErrorsOnly(Target target) throws Throwable {
        MethodHandle taking = MethodHandles.publicLookup()
                .findStatic(target.input, "fuzzerTestOneInput", MethodType.methodType(void.class, byte[].class));
        List<byte[]> kept = Corpus.read(target.corpus());
        assertThat(kept).isNotEmpty();
        for (byte[] input : kept) {
            try {
                taking.invoke(input);
            } catch (Throwable e) {
                throw new AssertionError(target.title + ": " + Corpus.line(input), e);
            }
        }
    }

    @Test
    void linesAreReadAsTheyWereWritten(@TempDir Path folder) throws IOException {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        byte[] comment = "#size=1\\n\n".getBytes(StandardCharsets.US_ASCII);
        Path file = Files.writeString(folder.resolve("inputs.txt"), "# kept\n");

        Corpus.write(file, List.of(all, comment));

        assertThat(Corpus.read(file)).containsExactly(comment, all);
        assertThat(Files.readAllLines(file)).hasSize(3).first().isEqualTo("# kept");
    }
}
