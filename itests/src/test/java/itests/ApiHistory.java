// SPDX-License-Identifier: Apache-2.0
package itests;

import static java.util.concurrent.TimeUnit.SECONDS;

import aQute.bnd.osgi.Analyzer;
import aQute.bnd.osgi.Jar;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;

/**
 * The API as it stood at another commit, built from its source in the git history. It is built once: the jar of a commit
 * stays in the folder of built things.
 */
final class ApiHistory {
    private static final Path BUILT = Path.of("target", "baseline").toAbsolutePath();
    private static final String SOURCES = "dmabuf.api/src/main/java";
    private static final String SETTINGS = "dmabuf.api/bnd.bnd";

    private final Path repository;

    ApiHistory(Path repository) {
        this.repository = repository;
    }

    /** There is nothing to compare with here; the message says why, and what would help. */
    static final class Absent extends Exception {
        private static final long serialVersionUID = 1L;

        Absent(String message) {
            super(message);
        }
    }

    /** Returns the commit of the last release tag; before the first release, the one that dmabuf.api/bnd.bnd names. */
    String baseline() throws Exception {
        if (git("rev-parse", "--git-dir").isEmpty()) {
            throw new Absent("there is no git history here: " + repository + " is no clone, or git is missing");
        }
        Optional<String> tag = git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*");
        if (tag.isPresent()) {
            return commit(tag.get());
        }
        String named = named();
        if (named.isEmpty()) {
            throw new Absent("there is no release tag v*, and " + SETTINGS + " names no commit: 'baseline: COMMIT'");
        }
        return commit(named);
    }

    /** Returns the commit of a name. */
    String commit(String name) throws Exception {
        return git("rev-parse", "--verify", "--quiet", name + "^{commit}")
                .orElseThrow(() -> new Absent("the commit " + name + " is not in this clone, which is shallow perhaps:"
                        + " git fetch --unshallow --tags"));
    }

    private String named() throws IOException {
        Properties settings = new Properties();
        try (InputStream in = Files.newInputStream(repository.resolve(SETTINGS))) {
            settings.load(in);
        }
        return settings.getProperty("baseline", "").strip();
    }

    /** Returns the API of a commit as a bundle. */
    Jar at(String commit) throws Exception {
        Path built = BUILT.resolve(commit + ".jar");
        if (!Files.exists(built)) {
            Path work = Files.createTempDirectory(Files.createDirectories(BUILT), "build");
            Path jar = bundle(classes(sources(commit, work), work), work);
            Files.move(jar, built, StandardCopyOption.ATOMIC_MOVE);
        }
        return new Jar(built.toFile());
    }

    private List<Path> sources(String commit, Path work) throws Exception {
        List<Path> sources = new ArrayList<>();
        Process archive = start(List.of("archive", "--format=zip", commit, SOURCES));
        try (ZipInputStream zip = new ZipInputStream(archive.getInputStream(), StandardCharsets.UTF_8)) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().endsWith(".java")) {
                    Path file = work.resolve(entry.getName());
                    Files.createDirectories(file.getParent());
                    Files.copy(zip, file);
                    sources.add(file);
                }
            }
        }
        return sources;
    }

    private static Path classes(List<Path> sources, Path work) throws IOException {
        Path classes = Files.createDirectories(work.resolve("classes"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (var files = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8);
                var log = Files.newBufferedWriter(work.resolve("javac.log"))) {
            List<String> options = List.of("-proc:none", "-nowarn", "-parameters", "-d", classes.toString());
            boolean compiled = compiler.getTask(log, files, null, options, null, files.getJavaFileObjectsFromPaths(sources))
                    .call();
            if (!compiled) {
                throw new IOException("the API of an earlier commit does not compile: see " + work.resolve("javac.log"));
            }
        }
        return classes;
    }

    private static Path bundle(Path classes, Path work) throws Exception {
        Path file = work.resolve("api.jar");
        try (Analyzer analyzer = new Analyzer(new Jar(classes.toFile()))) {
            analyzer.setProperty("Bundle-SymbolicName", "dmabuf.api");
            analyzer.setProperty("-noimportjava", "true");
            analyzer.setProperty("Import-Package", "!org.jspecify.annotations, *");
            analyzer.getJar().setManifest(analyzer.calcManifest());
            analyzer.getJar().write(file.toFile());
        }
        return file;
    }

    /** Returns the first line that a git command prints, or empty when it fails. */
    private Optional<String> git(String... arguments) throws Exception {
        try {
            Process process = start(List.of(arguments));
            try (Stream<String> lines = process.inputReader().lines()) {
                Optional<String> first = lines.findFirst();
                return process.waitFor(30, SECONDS) && process.exitValue() == 0 ? first : Optional.empty();
            }
        } catch (IOException gitIsMissing) {
            return Optional.empty();
        }
    }

    private Process start(List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("git", "-C", repository.toString()));
        command.addAll(arguments);
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }
}
