// SPDX-License-Identifier: Apache-2.0
package itests;

import static org.ops4j.pax.exam.CoreOptions.bootDelegationPackages;
import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.junitBundles;
import static org.ops4j.pax.exam.CoreOptions.options;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.inject.Inject;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.ops4j.pax.exam.spi.reactors.ExamReactorStrategy;
import org.ops4j.pax.exam.spi.reactors.PerClass;
import org.osgi.framework.BundleContext;

/**
 * A test that runs inside a gateway made of the distribution's own bundles (but for the terminal): extend it, name the class
 * {@code *IT}, write JUnit 4 tests and {@code @Inject} services. AssertJ and Awaitility are there. Each class has a framework
 * of its own; {@link #more()} adds options to it, such as properties.
 */
@RunWith(PaxExam.class)
@ExamReactorStrategy(PerClass.class)
public abstract class GatewayConfiguration {

    static final Path HOME = Path.of(System.getProperty("gateway.home"));

    @Inject
    protected BundleContext context;

    @Configuration
    public Option[] gateway() {
        return options(distribution(), settings(), twin(), junitBundles(), libraries(), composite(more()));
    }

    /** Options of one test class, beside those of all. */
    protected Option[] more() {
        return new Option[0];
    }

    /** The device tree whose twin the gateway is, wherever the tests run: 1 GiB of RAM and no devices. */
    protected byte[] board() {
        return TreeBlob.ofRam("Plain", 0x4000_0000L, 1 << 30);
    }

    private Option twin() {
        Path file = Path.of("target", "boards", getClass().getSimpleName() + ".dtb").toAbsolutePath();
        try {
            Files.createDirectories(file.getParent());
            return frameworkProperty("dmabuf.board.file").value(Files.write(file, board()).toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Option distribution() {
        return composite(bundles().stream().map(GatewayConfiguration::start).toArray(Option[]::new));
    }

    private static Option start(Path file) {
        var option = bundle("reference:" + file.toUri());
        return isNamed(file, "org.apache.felix.log-") ? option.startLevel(1) : option;
    }

    private static List<Path> bundles() {
        try (Stream<Path> files = Files.list(HOME.resolve("bundle"))) {
            return files.filter(file -> !isNamed(file, "org.apache.felix.gogo.jline-")).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isNamed(Path file, String prefix) {
        return file.getFileName().toString().startsWith(prefix);
    }

    /** The files of the distribution's conf/ that are read at start. */
    protected List<String> configurations() {
        return List.of("gateway.json");
    }

    private Option settings() {
        String files = configurations().stream()
                .map(file -> HOME.resolve("conf").resolve(file).toUri().toString())
                .collect(Collectors.joining(","));
        return composite(
                frameworkProperty("configurator.initial").value(files),
                frameworkProperty("felix.fileinstall.dir").value("target/deploy"),
                frameworkProperty("felix.fileinstall.tmpdir").value("target/fileinstall"),
                frameworkProperty("felix.fileinstall.poll").value("200"));
    }

    /** What tests are written with comes from the class path of the test run; a bundle sees none of it. */
    private static Option libraries() {
        return composite(
                frameworkProperty("org.osgi.framework.bundle.parent").value("app"),
                bootDelegationPackages(
                        "org.assertj.*", "org.awaitility", "org.awaitility.*", "org.hamcrest", "org.hamcrest.*", "aQute.*"));
    }
}
