// SPDX-License-Identifier: Apache-2.0
package trials;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;

/**
 * A gateway in a framework of its own, in this very process, with the bundles of the distribution but for the terminal and the
 * folder watcher. It is the twin of {@link Board}, wherever it runs.
 */
public final class Gateway implements AutoCloseable {
    private static final Path HOME = Path.of(System.getProperty("gateway.home"));

    /** The log comes first, as in the distribution: without it the Configurator prints what it does. */
    private static final String LOG = "org.apache.felix.log-";

    private final Path folder;
    private final Framework framework;
    private final Map<String, InsideBundle> inside = new ConcurrentHashMap<>();

    /** Starts one; its storage goes with it. */
    public Gateway() throws BundleException, IOException {
        folder = Files.createTempDirectory("trials");
        Path board = Files.write(folder.resolve("board.dtb"), Board.blob());
        Map<String, String> properties = new HashMap<>();
        properties.put(Constants.FRAMEWORK_STORAGE, folder.resolve("storage").toString());
        properties.put("dmabuf.board.file", board.toString());
        properties.put("configurator.initial", HOME.resolve("conf/gateway.json").toUri().toString());
        properties.put("felix.log.level", "1");
        properties.put("org.apache.felix.log.maxSize", "100");
        properties.put("org.apache.felix.eventadmin.LogLevel", "1");
        framework = new FrameworkFactory().newFramework(properties);
        framework.start();
        start(bundles(true));
        start(bundles(false));
        Patience.until("an allocator serves", () -> isServing("system"));
    }

    private static List<Path> bundles(boolean log) throws IOException {
        try (Stream<Path> files = Files.list(HOME.resolve("bundle"))) {
            return files.filter(file -> isNamed(file, LOG) == log)
                    .filter(file -> !isNamed(file, "jline") && !isNamed(file, "fileinstall"))
                    .sorted()
                    .toList();
        }
    }

    private static boolean isNamed(Path file, String word) {
        return file.getFileName().toString().contains(word);
    }

    private void start(List<Path> files) throws BundleException {
        List<Bundle> installed = new ArrayList<>();
        for (Path file : files) {
            installed.add(context().installBundle("reference:" + file.toUri()));
        }
        for (Bundle bundle : installed) {
            bundle.start();
        }
    }

    /** Returns whether an allocator with an id is registered. */
    public boolean isServing(String id) throws InvalidSyntaxException {
        ServiceReference<?>[] found = context()
                .getAllServiceReferences("dmabuf.api.spi.Allocator", "(dmabuf.allocator.id=" + id + ")");
        return found != null;
    }

    /** Returns the context of the framework itself. */
    public BundleContext context() {
        return framework.getBundleContext();
    }

    /** Returns one of the distribution's bundles. */
    public Bundle ours(String symbolicName) {
        return Arrays.stream(context().getBundles())
                .filter(bundle -> Objects.equals(bundle.getSymbolicName(), symbolicName))
                .findFirst()
                .orElseThrow();
    }

    /** Returns the ear of a bundle of {@code trials.inside}. */
    Said said(String trial) throws InvalidSyntaxException {
        @SuppressWarnings("rawtypes")
        Collection<ServiceReference<Function>> found = context().getServiceReferences(Function.class, "(trial=" + trial + ")");
        return new Said(this, found.iterator().next());
    }

    /** Installs a bundle of {@code trials.inside}. */
    Bundle install(InsideBundle content) throws BundleException {
        inside.put(content.symbolicName(), content);
        return context().installBundle("trials:" + content.symbolicName(), content.jar());
    }

    /** Updates a bundle to what it is. */
    void update(Bundle bundle) throws BundleException {
        InsideBundle content = inside.get(bundle.getSymbolicName());
        if (content == null) {
            bundle.update();
        } else {
            bundle.update(content.jar());
        }
    }

    /** Stops it, and removes its storage. */
    @Override
    public void close() throws BundleException, IOException {
        framework.stop();
        Patience.until("the framework stops", () -> framework.getState() == Bundle.RESOLVED);
        Folder.delete(folder);
    }
}
