// SPDX-License-Identifier: Apache-2.0
package itests;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command {@code ./gateway} as a user meets it. */
class LauncherIT {

    private final List<Process> started = new ArrayList<>();
    private Path script = Run.ROOT.resolve("gateway");

    @TempDir
    Path folder;

    @AfterEach
    void stop() {
        started.forEach(Process::destroyForcibly);
    }

    @Test
    void helpNamesEveryForm() throws Exception {
        Process gateway = start("--help");

        assertThat(status(gateway)).isZero();
        assertThat(out()).contains("-c 'COMMANDS'", "scenario FILE...", "board FILE.dtb...", "plan --board", "certify FILE.jar", "doctor [--json]", "prepare", "--storage DIR");
        assertThat(err()).isEmpty();
    }

    @Test
    void wrongUsageIsStatus2() throws Exception {
        assertThat(status(start("scenaro"))).isEqualTo(2);
        assertThat(err()).contains("unknown argument: scenaro", "see ./gateway --help");

        assertThat(status(start("scenario"))).isEqualTo(2);
        assertThat(err()).contains("scenario needs arguments");

        assertThat(status(start("-c"))).isEqualTo(2);
        assertThat(err()).contains("-c needs one argument, last on the line: -c 'COMMANDS'");

        assertThat(status(start("--board"))).isEqualTo(2);
        assertThat(err()).contains("--board needs a FILE.dtb");
    }

    @Test
    void unreadableBoardIsNamed() throws Exception {
        assertThat(status(start("--board", "none.dtb"))).isEqualTo(1);
        assertThat(err()).contains("cannot read the device tree none.dtb");
    }

    @Test
    void storageThatCannotBeWrittenIsNamed() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));

        assertThat(status(start("--storage", file.toString()))).isEqualTo(1);
        assertThat(err()).contains("cannot write to the storage folder " + file + ": choose another with --storage DIR");
    }

    @Test
    void twoGatewaysDoNotShareAStorageFolder() throws Exception {
        Path storage = folder.resolve("a folder with 100% odd #name?");
        Process first = start("--storage", storage.toString());
        await().atMost(30, SECONDS).until(() -> holds(first, storage));

        Process second = start("--storage", storage.toString());

        assertThat(status(second)).isEqualTo(1);
        assertThat(err())
                .contains("another gateway (process " + first.pid() + ") uses the storage folder " + storage)
                .contains("Stop that one, or give this one a folder of its own: ./gateway --storage DIR");
        assertThat(first.isAlive()).isTrue();

        first.destroy();
        assertThat(first.waitFor(30, SECONDS)).isTrue();
        assertThat(storage.resolve("start.aot")).as("what would take the end of it seconds").doesNotExist();
        Process third = start("--storage", storage.toString());
        await().atMost(30, SECONDS).until(() -> holds(third, storage) && Files.exists(storage.resolve("felix-cache/bundle1")));
    }

    @Test
    void removesWhatAKilledGatewayWasWriting() throws Exception {
        Path storage = folder.resolve("storage");
        Path configurations = Files.createDirectories(storage.resolve("config/allocator/deep er"));
        Path left = Files.createFile(configurations.resolve("system.config2136539063952986812.tmp"));
        Path other = Files.createFile(configurations.resolve("notes.tmp"));

        assertThat(status(start("--storage", storage.toString(), "-c", "devices"))).isZero();

        assertThat(left).doesNotExist();
        assertThat(other).exists();
    }

    /** Where the installation keeps no classes, the storage folder does from the first commands on. */
    @Test
    void startsWithTheClassesOfTheLastRun() throws Exception {
        Path log = installed();
        Path storage = folder.resolve("storage");
        assertThat(status(start("--storage", storage.toString(), "-c", "devices"))).isZero();
        String before = out() + err();
        assertThat(storage.resolve("start.aot")).isNotEmptyFile();
        assertThat(storage.resolve("start.recorded")).doesNotExist();

        assertThat(status(start("--storage", storage.toString(), "-c", "devices"))).isZero();
        assertThat(Files.readAllLines(log)).anyMatch(LauncherIT::isKept);
        assertThat(out() + err()).isEqualTo(before);
    }

    @Test
    void aPreparedInstallationKeepsTheClassesForAllStorageFolders() throws Exception {
        Path log = installed();
        assertThat(status(start("prepare"))).isZero();
        assertThat(out() + err()).isEmpty();
        Path storage = folder.resolve("storage");
        assertThat(status(start("--storage", storage.toString(), "-c", "devices"))).isZero();
        assertThat(Files.readAllLines(log)).anyMatch(LauncherIT::isKept);
        assertThat(storage.resolve("start.aot")).doesNotExist();

        assertThat(status(start(Map.of("JDK_JAVA_OPTIONS", "-XX:+UseZGC"), "--storage", storage.toString(), "-c", "devices")))
                .as("options that the kept classes do not fit").isZero();
        assertThat(Files.readAllLines(log)).noneMatch(LauncherIT::isKept).anyMatch(line -> line.contains("shared objects file"));
    }

    @Test
    void classesThatAreNotOfThisJavaAreMadeAnewWithoutAWord() throws Exception {
        Path log = installed();
        Path storage = folder.resolve("storage");
        Path classes = storage.resolve("start.aot");
        assertThat(status(start("--storage", storage.toString(), "-c", "devices"))).isZero();
        String before = out() + err();
        byte[] made = Files.readAllBytes(classes);

        Files.writeString(storage.resolve("distribution"), "of another\n");
        Files.write(classes, new byte[0]);
        assertThat(status(start("--storage", storage.toString(), "-c", "devices"))).isZero();
        assertThat(out() + err()).isEqualTo(before);
        assertThat(Files.size(classes)).isGreaterThan(made.length / 2);

        for (byte[] broken : List.of(Arrays.copyOf(made, made.length / 2), "no classes".getBytes(StandardCharsets.UTF_8))) {
            Files.write(classes, broken);
            assertThat(status(start("--storage", storage.toString(), "-c", "devices"))).isZero();
            assertThat(out() + err()).isEqualTo(before);
            assertThat(Files.readAllLines(log)).noneMatch(LauncherIT::isKept);
        }
    }

    private static boolean isKept(String line) {
        return line.contains(" dmabuf.core.CoreComponent source: shared objects file");
    }

    /** Installs a copy of the distribution that nobody has prepared, to be started from now on; returns its log of loaded classes. */
    private Path installed() throws IOException {
        Path distribution = Run.ROOT.resolve("cnf/target/gateway");
        Path copy = folder.resolve("installed");
        try (Stream<Path> files = Files.walk(distribution)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, copy.resolve(distribution.relativize(file)));
            }
        }
        Files.deleteIfExists(copy.resolve("start.aot"));
        Path log = folder.resolve("classes.log");
        Files.writeString(copy.resolve("conf/jvm.options"), "\n-Xlog:class+load:file=" + log + "\n", StandardOpenOption.APPEND);
        script = copy.resolve("gateway");
        return log;
    }

    private static boolean holds(Process gateway, Path storage) throws IOException {
        Path lock = storage.resolve("lock");
        return Files.exists(lock) && Files.readString(lock).strip().equals(Long.toString(gateway.pid()));
    }

    private Process start(String... arguments) throws IOException {
        return start(Map.of(), arguments);
    }

    private Process start(Map<String, String> environment, String... arguments) throws IOException {
        var command = new ArrayList<>(List.of(script.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        started.add(process);
        return process;
    }

    private static int status(Process process) throws InterruptedException {
        assertThat(process.waitFor(60, SECONDS)).as("ends").isTrue();
        return process.exitValue();
    }

    private String out() throws IOException {
        return Files.readString(folder.resolve("out"));
    }

    private String err() throws IOException {
        return Files.readString(folder.resolve("err"));
    }
}
