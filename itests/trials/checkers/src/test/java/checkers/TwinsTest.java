// SPDX-License-Identifier: Apache-2.0
package checkers;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The twins can still be made of the sources as they stand. */
class TwinsTest {

    static Stream<Twin> twins() {
        return Stream.concat(
                        Stream.of(Structure.values()).map(Structure::twin),
                        Stream.of(Point.values()).map(Point::twin))
                .distinct();
    }

    @ParameterizedTest
    @MethodSource("twins")
    void compiles(Twin twin, @TempDir Path folder) {
        String[] parts = twin.source().split("/src/main/java/", -1);
        assertThat(twin.compile(folder).resolve(parts[1].replace(".java", ".class"))).exists();
    }

    @Test
    void everyPointIsOneTestOfItsOwn() {
        assertThat(Stream.of(Point.values()).map(point -> point.test)).doesNotHaveDuplicates();
    }
}
