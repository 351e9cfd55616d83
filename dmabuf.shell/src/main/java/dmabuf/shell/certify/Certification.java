// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.spi.AllocatorSpec;
import java.util.List;
import java.util.function.Consumer;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** Certifies the allocator of a bundle that is not installed, or not yet the one that is. */
public final class Certification {
    private Certification() {}

    /**
     * Installs the bundle behind a curtain, makes all checks, and takes the bundle out again. Blocks for some seconds; for
     * a bundle that hangs some tens of seconds.
     *
     * @param context in whose name the bundle is installed
     * @param progress is told of each check as soon as it is made
     * @throws NotCertifiable when there is no such file, it is no bundle, or it brings no allocator
     */
    public static Report run(BundleContext context, Tools tools, Wishes wishes, Consumer<Finding> progress)
            throws InterruptedException {
        Guest guest = Guest.install(context, wishes.jar());
        boolean finished = false;
        try {
            Candidate candidate = Candidate.of(guest, wishes, tools);
            AllocatorSpec spec = candidate.spec();
            boolean fromFactory = candidate.factory().isPresent();
            List<Finding> findings = new Suite(candidate, wishes.seed()).run(progress);
            finished = true;
            return new Report(
                    wishes.jar().toString(), name(guest.bundle()), spec, fromFactory, wishes.seed(), findings,
                    !isTakenOut(guest));
        } finally {
            if (!finished) {
                isTakenOut(guest);
            }
        }
    }

    private static String name(Bundle bundle) {
        return bundle.getSymbolicName() + " " + bundle.getVersion();
    }

    /** Takes the bundle out, but does not wait for ever for one that hangs. */
    private static boolean isTakenOut(Guest guest) throws InterruptedException {
        Thread thread = Thread.ofPlatform().daemon().name("certify end").start(guest::close);
        return thread.join(Guest.PATIENCE);
    }
}
