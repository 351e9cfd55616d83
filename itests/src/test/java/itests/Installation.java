// SPDX-License-Identifier: Apache-2.0
package itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * The archive as a gateway has it: unpacked where nobody may write, and run by a user without rights, with a Java that has no
 * compiler and a PATH of the few commands that the start script names, without a home and, where permitted, a network.
 */
final class Installation {
    private static final List<String> COMMANDS =
            List.of("readlink", "dirname", "cat", "sed", "sort", "cksum", "mkdir", "mktemp", "rm", "flock", "stty", "od");

    final Path home;
    final Path java;
    private final Confinement confinement;
    private final Path tools;
    private final Path temporary;

    /** Installs below a folder; the Java has these modules only. */
    Installation(Path folder, String modules) throws Exception {
        confinement = Confinement.strictest();
        System.out.println("the distribution runs " + confinement.text());
        Path unpacked = Files.createDirectory(folder.resolve("unpacked"));
        end(new ProcessBuilder("tar", "-xzf", archive().toString(), "-C", unpacked.toString()));
        home = only(unpacked);
        java = jlink(folder.resolve("java"), modules);
        end(new ProcessBuilder("chmod", "-R", "a-w,a+rX", unpacked.toString(), java.toString()));
        tools = readable(tools(folder.resolve("tools")));
        temporary = Files.createDirectory(folder.resolve("tmp"));
        openToAll(folder);
        openToAll(temporary);
    }

    /** Returns the archive that the build left. */
    static Path archive() throws IOException {
        try (Stream<Path> files = Files.list(Run.ROOT.resolve("cnf/target"))) {
            return files.filter(file -> file.getFileName().toString().matches("cenalloc-.*\\.tar\\.gz"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static Path only(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.reduce((first, second) -> {
                        throw new AssertionError("more than one folder in the archive: " + first + ", " + second);
                    })
                    .orElseThrow();
        }
    }

    private static Path jlink(Path folder, String modules) {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(said, true, StandardCharsets.UTF_8);
        int status = ToolProvider.findFirst("jlink").orElseThrow()
                .run(out, out, "--add-modules", modules, "--output", folder.toString());
        assertThat(status).as(said.toString(StandardCharsets.UTF_8)).isZero();
        return folder;
    }

    private static Path tools(Path folder) throws IOException {
        Files.createDirectory(folder);
        for (String command : COMMANDS) {
            Path file = Stream.of("/usr/bin", "/bin").map(bin -> Path.of(bin, command)).filter(Files::exists).findFirst().orElseThrow();
            script(folder.resolve(command), "exec " + file + " \"$@\"");
        }
        return folder;
    }

    /** Writes a program that everybody can run. */
    static void script(Path file, String line) throws IOException {
        Files.writeString(file, "#!/bin/sh\n" + line + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** Lets everybody read a file, or a folder with all that is in it, whatever the umask of this test. */
    static Path readable(Path place) throws IOException, InterruptedException {
        end(new ProcessBuilder("chmod", "-R", "a+rX", place.toString()));
        return place;
    }

    /** Lets everybody in, and write. */
    static Path openToAll(Path folder) throws IOException {
        return Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    private static void end(ProcessBuilder builder) throws IOException, InterruptedException {
        assertThat(builder.inheritIO().start().waitFor()).as(builder.command().toString()).isZero();
    }

    /** Returns the command line of a program in these surroundings. */
    ProcessBuilder command(List<String> command) {
        ProcessBuilder builder = new ProcessBuilder(confinement.command(command)).directory(temporary.toFile());
        Map<String, String> environment = builder.environment();
        // Found before the confined command looks for anything itself.
        environment.clear();
        environment.putAll(Map.of("PATH", tools.toString(), "JAVA25_HOME", java.toString(), "TMPDIR", temporary.toString()));
        return builder;
    }

    /** Returns the command line of the gateway. */
    ProcessBuilder gateway(String... arguments) {
        List<String> command = new ArrayList<>(List.of(home.resolve("gateway").toString()));
        command.addAll(List.of(arguments));
        return command(command);
    }

    /** Returns every file with its mode, time, size and contents. */
    Map<String, String> files() throws IOException {
        Map<String, String> all = new TreeMap<>();
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.toList()) {
                all.put(home.relativize(file).toString(), describe(file));
            }
        }
        return all;
    }

    private static String describe(Path file) throws IOException {
        CRC32 sum = new CRC32();
        if (Files.isRegularFile(file)) {
            sum.update(Files.readAllBytes(file));
        }
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file)) + " " + Files.getLastModifiedTime(file)
                + " " + Files.size(file) + " " + sum.getValue();
    }
}
