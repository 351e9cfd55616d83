// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.patiently;
import static org.assertj.core.api.Assertions.assertThat;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.ops4j.pax.exam.Option;
import org.osgi.framework.Bundle;
import org.osgi.service.cm.Configuration;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/** The log is in files that do not grow beyond their bound, whatever happens. */
public class LogIT extends GatewayConfiguration {
    private static final Path FOLDER = Path.of("target", "100% log of LogIT").toAbsolutePath();
    private static final int FILE = 64 << 10;
    private static final int ENTRY = 17 << 10;

    @Inject
    private LoggerFactory loggers;

    private Stage stage;
    private Configuration configuration;

    @Override
    protected Option[] more() {
        return new Option[] {composite(
                frameworkProperty("dmabuf.log.folder").value(FOLDER.toString()),
                frameworkProperty("dmabuf.log.console").value("ERROR"))};
    }

    @Before
    public void setUp() {
        stage = new Stage(context);
        configuration = stage.configure("dmabuf.log", Map.of("size", "64K", "files", 2));
    }

    @After
    public void tearDown() throws Exception {
        stage.close();
    }

    @Test
    public void aFloodStaysWithinTheBoundAndItsEndIsThere() {
        patiently().until(() -> text().contains("the log is kept by level=INFO size=65536 files=2"));
        Logger logger = loggers.getLogger("flood");
        for (int i = 0; i < 20_000; i++) {
            logger.warn("entry {} of a flood", i);
        }
        logger.warn("x".repeat(1 << 20));
        logger.warn("the last of the flood");

        patiently().until(() -> text().contains("the last of the flood"));
        assertThat(Files.exists(file(1))).isTrue();
        assertThat(Files.exists(file(2))).isFalse();
        assertThat(byteSize()).isBetween((long) FILE, 2L * (FILE + ENTRY));
        assertThat(text()).contains("x ... (cut)");
    }

    @Test
    public void anEntryHasTimeLevelBundleTextAndTrace() {
        loggers.getLogger("odd").error("first line\nsecond line", new IllegalStateException("a cause"));

        patiently().until(() -> text().contains("a cause"));
        List<String> lines = text().lines().dropWhile(line -> !line.contains("first line")).toList();
        assertThat(lines.get(0)).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.?\\d*Z +ERROR \\S+  first line");
        assertThat(lines.get(1)).as("no line of an entry looks like an entry").isEqualTo("    second line");
        assertThat(text()).contains("\n    java.lang.IllegalStateException: a cause\n    \tat itests.LogIT");
    }

    @Test
    public void aComponentsLoggerWritesThere() {
        stage.configure("dmabuf.linux", Map.of("capacity", "much"));

        patiently().until(() -> text().contains("ERROR dmabuf.linux  the capacity is refused"));
    }

    @Test
    public void whatWasLoggedBeforeItStartedIsThereOnce() throws Exception {
        Bundle shell = stage.ours("dmabuf.shell");
        loggers.getLogger("early").warn("while the shell ran");
        patiently().until(() -> text().contains("while the shell ran"));
        shell.stop();
        loggers.getLogger("early").warn("before the shell");
        shell.start();
        loggers.getLogger("late").warn("after the shell");

        patiently().until(() -> text().contains("after the shell"));
        assertThat(text()).containsOnlyOnce("while the shell ran").containsOnlyOnce("before the shell");
    }

    @Test
    public void aWrongValueLeavesTheOldOneInForce() {
        Stage.update(configuration, Map.of("size", "128K", "files", 2));
        patiently().until(() -> text().contains("the log is kept by level=INFO size=131072 files=2"));
        Stage.update(configuration, Map.of("size", "64K", "files", 0, "level", "ERROR"));
        patiently().until(() -> text().contains(
                "dmabuf.log is refused: files=0 is not within 1..100; in force stays level=INFO size=131072 files=2"));

        Stage.update(configuration, Map.of("size", "64K", "files", 1, "level", "ERROR"));
        patiently().until(() -> !Files.exists(file(1)));
        loggers.getLogger("quiet").warn("too little to be written");
        loggers.getLogger("quiet").error("enough to be written");
        patiently().until(() -> text().contains("enough to be written"));
        assertThat(text()).doesNotContain("too little to be written");
    }

    private static Path file(int number) {
        return FOLDER.resolve("gateway." + number + ".log");
    }

    private static String text() {
        try {
            return Stream.of(file(1), file(0)).filter(Files::exists).map(LogIT::read).reduce("", String::concat);
        } catch (UncheckedIOException rotatedMeanwhile) {
            return "";
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long byteSize() {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
