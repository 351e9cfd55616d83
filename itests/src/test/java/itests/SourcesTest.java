// SPDX-License-Identifier: Apache-2.0
package itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SourcesTest {

    private static final Sources PROJECT = new Sources(Path.of("").toAbsolutePath().getParent());

    @Test
    void everySourceFileNamesItsLicence() {
        assertThat(PROJECT.root().resolve("bnd.bnd")).exists();
        assertThat(PROJECT.withoutLicence()).isEmpty();
    }

    @Test
    void everyMainPackageSaysItsNullPolicy() {
        assertThat(PROJECT.withoutNullPolicy()).isEmpty();
    }

    @Test
    void catchesFilesWithoutLicence(@TempDir Path root) throws IOException {
        plant(root, "module/src/main/java/a/With.java", "// SPDX-License-Identifier: Apache-2.0\npackage a;");
        plant(root, "module/src/main/java/a/Without.java", "package a;");
        plant(root, "module/target/Generated.java", "package a;");
        plant(root, "tool", "#!/bin/sh\n");
        plant(root, "data", "no source");
        plant(root, "NOTES.md", "no source");

        assertThat(new Sources(root).withoutLicence())
                .containsExactly(Path.of("module/src/main/java/a/Without.java"), Path.of("tool"));
    }

    @Test
    void catchesPackagesWithoutNullPolicy(@TempDir Path root) throws IOException {
        plant(root, "module/src/main/java/a/package-info.java", "@NullMarked package a;");
        plant(root, "module/src/main/java/b/package-info.java", "package b;");
        plant(root, "module/src/main/java/c/C.java", "package c;");

        assertThat(new Sources(root).withoutNullPolicy())
                .containsExactly(Path.of("module/src/main/java/b"), Path.of("module/src/main/java/c"));
    }

    private static void plant(Path root, String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
