// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.deploy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.apache.felix.fileinstall.ArtifactInstaller;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.log.Logger;
import org.osgi.service.log.LoggerFactory;

/**
 * Says once which file in {@code deploy/} is no bundle and why: File Install passes over it in silence, and looks again every
 * second, so a jar whose copying took a rest is installed when it is complete. It asks every installer whether it takes a
 * file; this one takes none. Made only when File Install asks for it, so the gateway does without.
 */
@Component
public final class UnusableFiles implements ArtifactInstaller {
    private final Logger logger;
    private final Map<File, String> said = new HashMap<>();

    /** Starts with nothing said. */
    @Activate
    public UnusableFiles(@Reference(service = LoggerFactory.class) Logger logger) {
        this.logger = logger;
    }

    /** Returns false; a file that cannot be used is named in the log, again when it has changed. */
    @Override
    public synchronized boolean canHandle(File file) {
        said.keySet().removeIf(other -> !other.exists());
        Optional<String> fault = fault(file);
        String state = file.length() + " " + file.lastModified() + " " + fault;
        if (fault.isPresent() && !Objects.equals(said.put(file, state), state)) {
            logger.warn("{} is passed over: {}; it is tried again until it is gone", file, fault.get());
        }
        return false;
    }

    private static Optional<String> fault(File file) {
        String name = file.getName();
        if (name.endsWith(".cfg") || name.endsWith(".config")) {
            return Optional.empty();
        }
        if (!Files.isReadable(file.toPath())) {
            return Optional.of("it cannot be read");
        }
        return jarFault(file);
    }

    private static Optional<String> jarFault(File file) {
        try (JarFile jar = new JarFile(file)) {
            Manifest manifest = jar.getManifest();
            boolean bundle = manifest != null
                    && manifest.getMainAttributes().getValue(Constants.BUNDLE_SYMBOLICNAME) != null;
            return bundle ? Optional.empty() : Optional.of("a jar, but its manifest has no " + Constants.BUNDLE_SYMBOLICNAME);
        } catch (IOException | SecurityException e) {
            return Optional.of(file.getName().endsWith(".jar")
                    ? "no complete jar (" + e.getMessage() + ")"
                    : "neither a bundle (.jar) nor a configuration (.config or .cfg)");
        }
    }

    @Override
    public void install(File file) {
        throw new IllegalStateException("takes no file: " + file);
    }

    @Override
    public void update(File file) {
        throw new IllegalStateException("takes no file: " + file);
    }

    @Override
    public void uninstall(File file) {
        throw new IllegalStateException("takes no file: " + file);
    }
}
