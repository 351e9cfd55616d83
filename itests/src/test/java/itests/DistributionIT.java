// SPDX-License-Identifier: Apache-2.0
package itests;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive starts with nothing but a Java 25, writes nothing into its installation and opens no port. */
class DistributionIT {
    private static final Pattern MODULES = Pattern.compile("jlink --add-modules ([a-z.,]+)");
    private static final int BY_SIGTERM = 128 + 15;

    @TempDir
    static Path place;

    private static Installation installation;
    private static Map<String, String> installed;

    @TempDir
    Path folder;

    @BeforeAll
    static void install() throws Exception {
        installation = new Installation(place, modules());
        installed = installation.files();
    }

    /** Those that README names. */
    private static String modules() throws IOException {
        Matcher matcher = MODULES.matcher(Files.readString(Run.ROOT.resolve("README.md")));
        assertThat(matcher.find()).as("README names the modules").isTrue();
        return matcher.group(1);
    }

    @AfterEach
    void theInstallationIsAsItWas() throws Exception {
        assertThat(installation.files()).isEqualTo(installed);
        assertThat(installed).containsKeys("gateway", "deploy", "conf/jvm.options", "README.md", "LICENSE");
    }

    @Test
    void nobodyCanWriteThere() throws Exception {
        Path file = installation.home.resolve("conf/planted");
        Run run = Run.of(folder, installation.command(List.of("/bin/sh", "-c", ": >" + file)));

        assertThat(run.status()).isNotZero();
        assertThat(run.err()).containsAnyOf("Permission denied", "Read-only file system");
    }

    @Test
    void aFrameIsMadeFilledMappedAndVerifiedOnATwin() throws Exception {
        Run run = gateway("--board", board().toString(), "-c", """
                create frame 3133440
                attach frame (family=hantro) lcd-controller@32e00000
                map frame (family=hantro) from
                fill frame 42
                verify frame 42
                unmap frame (family=hantro)
                free frame
                """);

        assertThat(run.err()).isEmpty();
        assertThat(run.out()).contains("frame comes from contig", "frame: 3133440 bytes are as written");
        assertThat(run.status()).isZero();
        assertThat(Run.leftovers(place)).isEmpty();
    }

    @Test
    void aFailedCommandIsStatus1AndTheStorageFolderGoes() throws Exception {
        Run run = gateway("-c", "create frame 4096; map frame nobody");

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.out()).contains("buffer frame");
        assertThat(Run.leftovers(place)).isEmpty();
    }

    @Test
    void scenariosPass() throws Exception {
        Path file = copy(Run.ROOT.resolve("dmabuf.shell/src/main/resources/scenarios/lifecycle.scn"));
        Run run = gateway("scenario", file.toString());

        assertThat(run.out()).matches("[0-9]+ passed, 0 failed\n");
        assertThat(run.status()).isZero();
    }

    @Test
    void aServiceListensNowhereAndEndsBySigterm() throws Exception {
        Path storage = Installation.openToAll(folder).resolve("state");
        Process gateway = installation.gateway("--board", board().toString(), "--storage", storage.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("said").toFile())
                .start();
        try {
            Path log = storage.resolve("log/gateway.0.log");
            await().atMost(60, SECONDS).until(() -> Files.exists(log) && Files.readString(log).contains("FrameworkEvent STARTED"));
            assertThat(Sockets.of(gateway.pid())).isEmpty();
            gateway.destroy();
            assertThat(gateway.waitFor(30, SECONDS)).isTrue();
            assertThat(gateway.exitValue()).isEqualTo(BY_SIGTERM);
            assertThat(Files.readString(folder.resolve("said")).lines())
                    .singleElement()
                    .asString()
                    .startsWith("gateway: starting without a terminal, until SIGTERM");
        } finally {
            gateway.destroyForcibly();
        }
        Run next = gateway("--storage", storage.toString(), "-c", "log info");
        assertThat(next.status()).isZero();
        assertThat(next.out()).contains("BundleEvent");
    }

    @Test
    void aPlantedListenerIsSeen() throws Exception {
        try (ServerSocket tcp = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                DatagramSocket udp = new DatagramSocket()) {
            assertThat(Sockets.of(ProcessHandle.current().pid()))
                    .anyMatch(socket -> socket.startsWith("tcp") && socket.endsWith(port(tcp.getLocalPort())))
                    .anyMatch(socket -> socket.startsWith("udp") && socket.endsWith(port(udp.getLocalPort())));
        }
    }

    private static String port(int number) {
        return String.format(":%04X", number);
    }

    @Test
    void withoutAPlaceForStateItSaysHowToNameOne() throws Exception {
        Run run = gateway();
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err()).contains("neither XDG_STATE_HOME nor HOME is set: say where to keep state with --storage DIR");

        ProcessBuilder builder = installation.gateway();
        builder.environment().put("HOME", installation.home.toString());
        Run closed = Run.of(folder, builder);
        assertThat(closed.status()).isEqualTo(1);
        assertThat(closed.err())
                .contains("cannot write to the storage folder " + installation.home + "/.local/state/cenalloc")
                .contains("choose another with --storage DIR");
    }

    @Test
    void anotherJavaIsNamedWithWhatToInstall() throws Exception {
        Path other = Files.createDirectories(Installation.openToAll(folder).resolve("java 17/bin"));
        Installation.script(other.resolve("java"), "exit 1");
        Files.writeString(other.resolveSibling("release"), "JAVA_VERSION=\"17.0.15\"\n");
        Installation.readable(other.getParent());
        Run run = Run.of(folder, installation.command(List.of(
                "/bin/sh", "-c", "only_functions=yes; . \"$0\"; java_homes() { echo \"$JAVA_HOME\"; }; JAVA_HOME=$1; main",
                installation.home.resolve("gateway").toString(), other.getParent().toString())));

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.err())
                .contains("a Java 25 is needed, and there is none in JAVA25_HOME, JAVA_HOME, PATH, /usr/lib/jvm")
                .contains("/java 17 is Java 17.0.15.")
                .contains("Install the package openjdk-25-jre-headless (Debian) or temurin-25-jre (Eclipse Temurin)");
    }

    private Run gateway(String... arguments) throws Exception {
        return Run.of(folder, installation.gateway(arguments));
    }

    private Path board() throws Exception {
        return Installation.readable(Files.write(Installation.openToAll(folder).resolve("twin.dtb"), TwinBoard.blob()));
    }

    private Path copy(Path file) throws Exception {
        return Installation.readable(Files.copy(file, Installation.openToAll(folder).resolve(file.getFileName())));
    }
}
