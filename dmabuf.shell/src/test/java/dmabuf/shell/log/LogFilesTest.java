// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.service.log.LogLevel;

class LogFilesTest {
    private static final int SIZE = 64 << 10;
    private static final LogSettings THREE = new LogSettings(LogLevel.INFO, SIZE, 3);

    @TempDir
    Path temporary;

    @Test
    void theOldestIsGivenUpForTheNewest() throws Exception {
        Path folder = temporary.resolve("100% log");
        try (LogFiles files = LogFiles.open(folder, THREE)) {
            for (int i = 0; i < 10_000; i++) {
                files.write("line " + i + " ".repeat(100));
            }
        }
        assertThat(names(folder)).containsExactly("gateway.0.log", "gateway.1.log", "gateway.2.log");
        assertThat(byteSize(folder)).isBetween(2L * SIZE, 3L * (SIZE + LogText.MAX_CHARACTERS));
        assertThat(Files.readString(folder.resolve("gateway.0.log"))).contains("line 9999").doesNotContain("line 0 ");
    }

    @Test
    void aNewStartAppends() throws Exception {
        for (String start : List.of("first", "second")) {
            try (LogFiles files = LogFiles.open(temporary, THREE)) {
                files.write(start);
            }
        }
        assertThat(names(temporary)).containsExactly("gateway.0.log");
        assertThat(Files.readString(temporary.resolve("gateway.0.log"))).isEqualTo("first\nsecond\n");
    }

    @Test
    void fewerFilesLeaveNoOlderOnesBehind() throws Exception {
        for (int i = 0; i < 5; i++) {
            Files.writeString(temporary.resolve("gateway." + i + ".log"), "old");
        }
        Files.writeString(temporary.resolve("notes.log"), "of somebody else");
        LogFiles.open(temporary, new LogSettings(LogLevel.INFO, SIZE, 2)).close();
        assertThat(names(temporary)).containsExactly("gateway.0.log", "gateway.1.log", "notes.log");
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    private static long byteSize(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }
}
