// SPDX-License-Identifier: Apache-2.0
package itests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What every source file below {@code root} keeps to. Each method answers with the files that do not, relative to it. */
record Sources(Path root) {

    private static final String LICENCE = "SPDX-License-Identifier: Apache-2.0";
    private static final Set<String> FOLDERS_OF_NO_INTEREST = Set.of(".git", "target");
    private static final Set<String> SUFFIXES = Set.of("java", "xml", "bnd", "bndrun", "properties", "sh", "scn", "dts");

    List<Path> withoutLicence() {
        return files().filter(this::isSource).filter(file -> !head(file).contains(LICENCE)).map(root::relativize).toList();
    }

    /** Main packages that do not say {@code @NullMarked}: NullAway trusts the name, Javadoc readers and other tools do not. */
    List<Path> withoutNullPolicy() {
        return files()
                .filter(file -> file.toString().contains("/src/main/java/") && file.toString().endsWith(".java"))
                .map(Path::getParent)
                .distinct()
                .filter(folder -> !isNullMarked(folder.resolve("package-info.java")))
                .map(root::relativize)
                .toList();
    }

    private Stream<Path> files() {
        return filesBelow(root).sorted();
    }

    private static Stream<Path> filesBelow(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.toList().stream().flatMap(Sources::walk);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Stream<Path> walk(Path entry) {
        if (!Files.isDirectory(entry)) return Stream.of(entry);
        return FOLDERS_OF_NO_INTEREST.contains(entry.getFileName().toString()) ? Stream.of() : filesBelow(entry);
    }

    private boolean isSource(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot > 0 ? SUFFIXES.contains(name.substring(dot + 1)) : head(file).startsWith("#!");
    }

    private static boolean isNullMarked(Path packageInfo) {
        return Files.exists(packageInfo) && read(packageInfo).contains("@NullMarked");
    }

    private static String head(Path file) {
        String text = read(file);
        return text.substring(0, Math.min(text.length(), 200));
    }

    private static String read(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
