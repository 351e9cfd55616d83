// SPDX-License-Identifier: Apache-2.0
package checkers;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * A build of one of our classes in which one thing is wrong. It is made from the source as it stands, so it breaks what is
 * run, and cannot grow old without being noticed.
 *
 * @param source the file below the root of the project
 * @param sound a text that is there exactly once
 * @param broken what stands in its place
 */
record Twin(String source, String sound, String broken) {

    /** Compiles it into a folder that goes in front of the class path. */
    Path compile(Path into) {
        try {
            Path changed = Files.createDirectories(into.resolve("source")).resolve(Path.of(source).getFileName());
            Files.writeString(changed, changed());
            return compile(changed, Files.createDirectories(into.resolve("classes")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String changed() throws IOException {
        String text = Files.readString(Places.ROOT.resolve(source));
        int at = text.indexOf(sound);
        if (at < 0 || text.indexOf(sound, at + 1) >= 0) {
            throw new AssertionError("the twin has grown old: not once in " + source + ": " + sound);
        }
        return text.replace(sound, broken);
    }

    private static Path compile(Path file, Path classes) throws IOException {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        StringWriter errors = new StringWriter();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of(
                    "-proc:none", "-nowarn", "-parameters", "-d", classes.toString(), "-cp", System.getProperty("java.class.path"));
            if (!compiler.getTask(errors, files, null, options, null, files.getJavaFileObjects(file)).call()) {
                throw new AssertionError("the twin does not compile: " + errors);
            }
        }
        return classes;
    }
}
