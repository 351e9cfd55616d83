// SPDX-License-Identifier: Apache-2.0
package trials.inside;

import dmabuf.api.Exporter;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.util.tracker.ServiceTracker;

/**
 * Puts a gateway under load as soon as the framework has started, with devices of its own: one takes one segment only. When the load
 * is on, prints a line that says so, with the bundles that do not run.
 */
public final class Stoker implements BundleActivator {
    private static final int THREADS = 2;
    private static final int FRAMES = 5;

    private final AtomicBoolean tracking = new AtomicBoolean();
    private final AtomicBoolean told = new AtomicBoolean();

    @Override
    public void start(BundleContext context) {
        Services.device(context, "codec@38300000", "align=64K");
        Services.device(context, "display@32e00000", "maxSegments=1");
        Services.device(context, "decoder@38400000", "");
        // Not before, or the load and the start keep each other waiting.
        context.addFrameworkListener(event -> {
            if (event.getType() == FrameworkEvent.STARTED) {
                track(context);
            }
        });
        if (isStarted(context)) {
            track(context);
        }
    }

    /** Begins once, with the first exporter. */
    private void track(BundleContext context) {
        if (!tracking.compareAndSet(false, true)) {
            return;
        }
        new ServiceTracker<Exporter, Exporter>(context, Exporter.class, null) {
            @Override
            public Exporter addingService(ServiceReference<Exporter> reference) {
                Exporter exporter = super.addingService(reference);
                stoke(exporter, context);
                return exporter;
            }
        }.open();
    }

    private void stoke(Exporter exporter, BundleContext context) {
        Ledger ledger = new Ledger(new ConcurrentHashMap<>(), () -> false);
        for (int number = 0; number < THREADS; number++) {
            Worker worker = new Worker(exporter, new Random(), ledger, () -> false);
            Thread.ofPlatform().daemon().name("worker").start(() -> work(worker, ledger, context));
        }
    }

    private void work(Worker worker, Ledger ledger, BundleContext context) {
        while (worker.goesOn()) {
            if (ledger.frames() >= FRAMES && ledger.isBacked() && told.compareAndSet(false, true)) {
                tell(context);
            }
        }
    }

    private static boolean isStarted(BundleContext context) {
        return context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).getState() == Bundle.ACTIVE;
    }

    private static void tell(BundleContext context) {
        int level = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkStartLevel.class).getStartLevel();
        List<String> idle = Stream.of(context.getBundles())
                .filter(bundle -> bundle.getState() != Bundle.ACTIVE)
                // The terminal's level is not reached where there is none.
                .filter(bundle -> bundle.adapt(BundleStartLevel.class).getStartLevel() <= level)
                .map(bundle -> bundle + " is in state " + bundle.getState())
                .toList();
        System.out.println("trials: under load; bundles that do not run: " + idle);
    }

    @Override
    public void stop(BundleContext context) {}
}
