// SPDX-License-Identifier: Apache-2.0
package itests;

import aQute.bnd.osgi.Builder;
import aQute.bnd.osgi.Constants;
import aQute.bnd.osgi.Jar;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A bundle that is assembled while a test runs, as a stranger's build would do it: bnd reads the annotations of the classes
 * and writes the manifest and the component descriptions. What goes in are packages below {@code itests.bundles}, whose
 * classes the test itself never loads.
 *
 * @param packages the packages, the last part of their names each
 * @param activator its activator, by the last two parts of the name; empty for a bundle of components only
 */
record TestBundle(String symbolicName, String version, List<String> packages, Optional<String> activator) {
    private static final String BELOW = "itests.bundles.";

    static TestBundle of(String symbolicName, String version, String... packages) {
        return new TestBundle(symbolicName, version, List.of(packages), Optional.empty());
    }

    /** An allocator of 16 MiB at 0x20000000, with the id {@code bank} unless it is configured otherwise. */
    static TestBundle low(String version) {
        return of("bank", version, "bank", "low");
    }

    /** The same bundle in another version: at 0x30000000, page by page, in descending order. */
    static TestBundle high(String version) {
        return of("bank", version, "bank", "high");
    }

    TestBundle named(String otherName) {
        return new TestBundle(otherName, version, packages, activator);
    }

    TestBundle withActivator(String name) {
        return new TestBundle(symbolicName, version, packages, Optional.of(name));
    }

    /** Returns the location to install it from; a framework takes another content at it for an update. */
    String location() {
        return "test:" + symbolicName;
    }

    InputStream jar() {
        try (Builder builder = new Builder()) {
            builder.addClasspath(Path.of("target", "test-classes").toFile());
            builder.addClasspath(new Jar(Path.of("..", "dmabuf.api", "target", "classes").toFile()));
            builder.setProperty(Constants.BUNDLE_SYMBOLICNAME, symbolicName);
            builder.setProperty(Constants.BUNDLE_VERSION, version);
            builder.setProperty(Constants.PRIVATE_PACKAGE, BELOW + String.join("," + BELOW, packages));
            activator.ifPresent(name -> builder.setProperty(Constants.BUNDLE_ACTIVATOR, BELOW + name));
            builder.setProperty(Constants.IMPORT_PACKAGE, "!org.jspecify.annotations, *");
            builder.setProperty(Constants.NOIMPORTJAVA, "true");
            return written(builder.build(), builder);
        } catch (Exception e) {
            throw new IllegalStateException("bundle " + symbolicName + " is assembled", e);
        }
    }

    private static InputStream written(Jar jar, Builder builder) throws Exception {
        if (!builder.isOk()) {
            throw new IllegalStateException(builder.getErrors() + " " + builder.getWarnings());
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        jar.write(bytes);
        return new ByteArrayInputStream(bytes.toByteArray());
    }
}
