// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.line;

import dmabuf.api.Device;
import dmabuf.api.Exporter;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.Board;
import dmabuf.api.spi.BoardReader;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.SandboxFactory;
import dmabuf.shell.certify.Tools;
import dmabuf.shell.scenario.ScenarioServices;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;

/**
 * The services that a task needs. The framework may still be starting when a task begins, so each is waited for, but not
 * for ever; whoever waits longer than a moment is told what for.
 */
final class Services implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Duration MOMENT = Duration.ofSeconds(2);
    private static final Duration POLL = Duration.ofMillis(2);
    /** How long nothing may change before what comes from the folders {@code deploy/} counts as complete. */
    private static final Duration QUIET = Duration.ofMillis(150);

    private static final String TYPE = "dmabuf.allocator.type";
    private static final List<String> OWN_TYPES = List.of("contig", "system", "iommu");

    private final BundleContext context;
    private final Console console;
    private final Map<Class<?>, ServiceTracker<?, ?>> trackers = new HashMap<>();

    Services(BundleContext context, Console console) {
        this.context = context;
        this.console = console;
    }

    /** A service that did not come. */
    static final class Missing extends RuntimeException {
        Missing(String message) {
            super(message);
        }
    }

    /** Returns a service; waits for it. */
    <T> T need(Class<T> type, String bundle) throws InterruptedException {
        await(type, bundle);
        return Optional.ofNullable(tracker(type).getService()).orElseThrow(() -> missing(type, bundle));
    }

    /** Waits for a service without using it. */
    void await(Class<?> type, String bundle) throws InterruptedException {
        if (!await(() -> count(type) > 0, "the bundle " + bundle, LIMIT)) {
            throw missing(type, bundle);
        }
    }

    private static Missing missing(Class<?> type, String bundle) {
        return new Missing("the service " + type.getName() + " did not come within " + LIMIT.toSeconds()
                + " s: see whether the bundle " + bundle + " is started (./gateway -c 'lb'; scr:list)");
    }

    /** Returns what scenarios and boards run on; the allocators that are not there by then are missed by name later. */
    ScenarioServices forSandboxes() throws InterruptedException {
        SandboxFactory sandboxes = need(SandboxFactory.class, "dmabuf.core");
        MemoryService memory = need(MemoryService.class, "dmabuf.linux");
        BoardReader boards = need(BoardReader.class, "dmabuf.board");
        awaitStart();
        boolean complete = await(
                () -> factories().keySet().containsAll(OWN_TYPES), "the factories of allocators " + OWN_TYPES, LIMIT);
        if (!complete) {
            console.say("allocators that can be made: " + factories().keySet());
        }
        return new ScenarioServices(sandboxes, memory, boards, factories());
    }

    /** Returns what certification works with, once all bundles have started. */
    Tools forCertification() throws InterruptedException {
        SandboxFactory sandboxes = need(SandboxFactory.class, "dmabuf.core");
        MemoryService memory = need(MemoryService.class, "dmabuf.linux");
        BoardReader boards = need(BoardReader.class, "dmabuf.board");
        awaitStart();
        return new Tools(sandboxes, memory, boards);
    }

    BundleContext context() {
        return context;
    }

    /** Returns the exporter of the gateway, once its devices and allocators have come. */
    Exporter settled() throws InterruptedException {
        Exporter exporter = need(Exporter.class, "dmabuf.core");
        awaitStart();
        Optional<Board> board = board();
        BooleanSupplier peopled = () -> count(Allocator.class) > 0 && board.map(this::isStaged).orElse(true);
        String what = board.isPresent() ? "the board's devices and allocators" : "an allocator";
        if (!await(peopled, what, Duration.ofSeconds(10))) {
            console.say("going on with " + count(Device.class) + " devices and " + count(Allocator.class) + " allocators");
        }
        if (!Deliveries.await(context, MOMENT) || isDeployed()) {
            quiet();
        }
        return exporter;
    }

    /** Whether there is something in the folders that are watched, which comes when it is read. */
    private boolean isDeployed() {
        String folders = Objects.requireNonNullElse(context.getProperty("felix.fileinstall.dir"), "");
        return Stream.of(folders.split(","))
                .map(folder -> new File(folder).list())
                .anyMatch(files -> files != null && files.length > 0);
    }

    private void quiet() throws InterruptedException {
        int before;
        do {
            before = count(Device.class) + count(Allocator.class);
            Thread.sleep(QUIET);
        } while (before != count(Device.class) + count(Allocator.class));
    }

    /**
     * Returns the board of which this gateway is the twin, where it is one.
     *
     * @throws dmabuf.api.DmaBufException INVALID or ACCESS when its device tree cannot be read
     */
    Optional<Board> board() throws InterruptedException {
        String file = System.getProperty("dmabuf.board.file");
        return file == null
                ? Optional.empty()
                : Optional.of(need(BoardReader.class, "dmabuf.board").read(Path.of(file)));
    }

    private boolean isStaged(Board board) {
        Set<String> ids = allocatorIds();
        return board.allocators().stream().allMatch(allocator -> ids.contains(allocator.spec().id()))
                && (board.devices().isEmpty() || count(Device.class) > 0);
    }

    private Set<String> allocatorIds() {
        return Stream.ofNullable(tracker(Allocator.class).getServiceReferences())
                .flatMap(Stream::of)
                .map(reference -> String.valueOf(reference.getProperty(AllocatorSpec.PREFIX + "id")))
                .collect(Collectors.toSet());
    }

    /** Waits until the framework has started all bundles. */
    private void awaitStart() throws InterruptedException {
        Bundle framework = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION);
        if (framework != null) {
            await(() -> framework.getState() == Bundle.ACTIVE, "the framework to start all bundles", LIMIT);
        }
    }

    private boolean await(BooleanSupplier condition, String what, Duration limit) throws InterruptedException {
        long begin = System.nanoTime();
        boolean told = false;
        while (!condition.getAsBoolean()) {
            long waited = System.nanoTime() - begin;
            if (waited > limit.toNanos()) {
                return false;
            }
            if (!told && waited > MOMENT.toNanos()) {
                console.say("waiting for " + what + ", at most " + limit.toSeconds() + " s ...");
                told = true;
            }
            Thread.sleep(POLL);
        }
        return true;
    }

    private Map<String, AllocatorFactory> factories() {
        Map<String, AllocatorFactory> factories = new TreeMap<>();
        tracker(AllocatorFactory.class).getTracked().forEach((reference, factory) -> {
            if (reference.getProperty(TYPE) instanceof String type) {
                factories.putIfAbsent(type, factory);
            }
        });
        return factories;
    }

    private int count(Class<?> type) {
        try {
            ServiceReference<?>[] found = context.getAllServiceReferences(type.getName(), null);
            return found == null ? 0 : found.length;
        } catch (InvalidSyntaxException e) {
            throw new AssertionError(e);
        }
    }

    @SuppressWarnings("unchecked") // Each is opened with the class that is its key.
    private <T> ServiceTracker<T, T> tracker(Class<T> type) {
        return (ServiceTracker<T, T>) trackers.computeIfAbsent(type, key -> {
            ServiceTracker<T, T> tracker = new ServiceTracker<>(context, type, null);
            tracker.open();
            return tracker;
        });
    }

    @Override
    public void close() {
        trackers.values().forEach(ServiceTracker::close);
    }
}
