// SPDX-License-Identifier: Apache-2.0
package itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code ./gateway certify}: a gateway of its own for one bundle, and the status of each outcome. */
class CertifyCommandIT {
    private static final Path BANK = Run.ROOT.resolve("itests/examples/allocator.bank/target/allocator.bank-1.0.0-SNAPSHOT.jar");

    @TempDir
    Path folder;

    @Test
    void aSoundAllocatorIsStatus0() throws Exception {
        Run run = certify(BANK.toString());

        assertThat(run.lastLine()).startsWith("certified: ").contains(" 0 failed");
        assertThat(run.out().lines().count()).as("lines, for one screen").isLessThan(24);
        assertThat(run.status()).isZero();
    }

    @Test
    void aBundleThatNeverStopsIsCaughtAndTheProcessEnds() throws Exception {
        Run run = certify(BrokenBundles.jar("NeverStops").toString());

        assertThat(run.out())
                .contains(
                        "stop: FAILED", "\nstop: the bundle stops soon, also with storage live [contract 6]\n",
                        "  asked  stop the bundle\n  came   nothing within 10 s\n  right  ")
                .contains("\nNOT certified: ");
        assertThat(run.err()).contains("the bundle does not stop: the gateway ends without it");
        assertThat(run.status()).isEqualTo(1);
    }

    @Test
    void whatIsNoAllocatorIsStatus2() throws Exception {
        Run none = certify("none.jar");
        assertThat(none.err()).startsWith("gateway: ").contains("none.jar: no such file\nusage: ./gateway");
        assertThat(none.status()).isEqualTo(2);

        Path text = Files.writeString(folder.resolve("text.jar"), "no jar");
        assertThat(certify(text.toString()).err()).contains("text.jar is no jar file");

        Path plain = folder.resolve("plain.jar");
        new JarOutputStream(Files.newOutputStream(plain)).close();
        Run plainRun = certify(plain.toString());
        assertThat(plainRun.err()).contains("plain.jar is no bundle: its manifest has no Bundle-SymbolicName");
        assertThat(plainRun.status()).isEqualTo(2);

        Run word = certify(BANK.toString(), "base");
        assertThat(word.err()).contains("'base' is no KEY=VALUE");
        assertThat(word.status()).isEqualTo(2);
    }

    @Test
    void aBundleWithoutAnAllocatorIsStatus2AndSaysWhatToTry() throws Exception {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().putValue("Bundle-ManifestVersion", "2");
        manifest.getMainAttributes().putValue("Bundle-SymbolicName", "empty");
        Path bundle = folder.resolve("empty.jar");
        new JarOutputStream(Files.newOutputStream(bundle), manifest).close();

        Run run = certify(bundle.toString());

        assertThat(run.err()).contains("empty.jar brings no allocator", "give it: --pid PID KEY=VALUE...");
        assertThat(run.status()).isEqualTo(2);
    }

    private Run certify(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of("certify"));
        all.addAll(List.of(arguments));
        return Run.of(folder, all);
    }
}
