// SPDX-License-Identifier: Apache-2.0
package itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What lies in {@code deploy/} of the storage folder when the gateway starts is what it runs, whatever it ran before. */
class DeployRestartIT {

    @TempDir
    Path folder;

    private Path storage;
    private Path jar;

    @BeforeEach
    void storage() throws IOException {
        storage = folder.resolve("a folder with 100% odd #name?");
        jar = Files.createDirectories(storage.resolve("deploy")).resolve("bank.jar");
    }

    @Test
    void aJarIsThereAfterARestartInItsNewestVersionAndGoneWhenItWasTaken() throws Exception {
        deploy(TestBundle.low("1.0.0"));
        assertThat(gateway()).containsPattern("\nbank +bank ").containsOnlyOnce("bank (1.0.0)");
        assertThat(gateway()).as("unchanged").containsPattern("\nbank +bank ").containsOnlyOnce("bank (1.0.0)");

        deploy(TestBundle.high("2.0.0"));
        assertThat(gateway()).containsPattern("\nbank +bank ").contains("bank (2.0.0)").doesNotContain("bank (1.0.0)");

        Files.delete(jar);
        assertThat(gateway()).doesNotContain("bank");
    }

    @Test
    void aStorageFolderThatFileInstallWouldSplitIsRefused() throws Exception {
        Run run = Run.of(folder, List.of("--storage", folder.resolve("a,b").toString(), "-c", "lb"));

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("a comma in the path of the storage folder", "choose another with --storage DIR");
    }

    /** Returns what it runs. */
    private String gateway() throws Exception {
        Run run = Run.of(folder, List.of("--storage", storage.toString(), "-c", "allocators; lb"));
        assertThat(run.err()).isEmpty();
        assertThat(run.status()).isZero();
        return run.out();
    }

    private void deploy(TestBundle bundle) throws IOException {
        try (InputStream content = bundle.jar()) {
            Files.write(jar, content.readAllBytes());
        }
    }
}
