// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorFactory;
import dmabuf.api.spi.AllocatorSpec;
import dmabuf.api.spi.Mapper;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.framework.ServiceReference;

/**
 * The allocator of a guest: made anew for each check where the bundle offers a factory, else the service itself, for
 * which the bundle is restarted when a check left something behind.
 */
final class Candidate implements AutoCloseable {
    private static final String TYPE = "dmabuf.allocator.type";

    private final Guest guest;
    private final Preset preset;
    private final Tools tools;
    private final Friends friends;
    private final Watch watch = new Watch();
    private final List<String> trespasses = new CopyOnWriteArrayList<>();
    private boolean dirty;

    private Candidate(Guest guest, Preset preset, Tools tools, Friends friends) {
        this.guest = guest;
        this.preset = preset;
        this.tools = tools;
        this.friends = friends;
    }

    /**
     * Installs, configures and starts a bundle.
     *
     * @throws NotCertifiable when that cannot be, or it brings no allocator
     */
    static Candidate of(Guest guest, Wishes wishes, Tools tools) throws InterruptedException {
        Preset preset = Preset.of(guest.capabilities().stream().findFirst().orElse(""), wishes);
        Friends friends = new Friends(wishes.device().map(Candidate::constraints));
        Candidate candidate = new Candidate(guest, preset, tools, friends);
        guest.configure(preset);
        guest.start();
        boolean awaited = preset.pid().isPresent() || candidate.factory().isEmpty();
        if (awaited && !candidate.awaitService() && candidate.factory().isEmpty()) {
            throw new NotCertifiable(wishes.jar() + " brings no allocator: no service " + Allocator.class.getName()
                    + " came within " + Guest.PATIENCE.toSeconds()
                    + " s; if it needs a configuration, give it: --pid PID KEY=VALUE...");
        }
        return candidate;
    }

    private static DmaConstraints constraints(String words) {
        try {
            return DmaConstraints.parse(words);
        } catch (DmaBufException e) {
            throw new NotCertifiable("--device " + e.getMessage());
        }
    }

    boolean awaitService() throws InterruptedException {
        return Guest.await(Guest.PATIENCE, () -> reference().isPresent());
    }

    Guest guest() {
        return guest;
    }

    Tools tools() {
        return tools;
    }

    Watch watch() {
        return watch;
    }

    Friends friends() {
        return friends;
    }

    Map<String, String> settings() {
        return preset.settings();
    }

    List<String> trespasses() {
        return trespasses;
    }

    /** Returns the service of the allocator, where there is one now. */
    Optional<ServiceReference<Allocator>> reference() {
        List<ServiceReference<Allocator>> all = guest.services(Allocator.class);
        return all.stream()
                .filter(each -> Preset.ID.equals(each.getProperty(AllocatorSpec.PREFIX + "id")))
                .findFirst()
                .or(() -> all.stream().findFirst());
    }

    Optional<ServiceReference<AllocatorFactory>> factory() {
        return guest.services(AllocatorFactory.class).stream().findFirst();
    }

    /** Returns what the service states, or what it would by its type. */
    AllocatorSpec spec() {
        String type = factory().map(each -> String.valueOf(each.getProperty(TYPE))).orElse("custom");
        return reference()
                .map(each -> AllocatorSpec.from(Guest.properties(each)))
                .orElseGet(() -> AllocatorSpec.of(Preset.ID, type, 0));
    }

    /** Says that a check may have left something behind. */
    void soil() {
        dirty = true;
    }

    /** Returns an allocator of which nothing is out. */
    Specimen fresh() {
        return factory().map(this::product).orElseGet(this::clean);
    }

    /** Returns what the factory makes of some settings. */
    Specimen product(ServiceReference<AllocatorFactory> reference) {
        AllocatorFactory factory = guest.service(reference);
        AllocatorFactory.Product product = watch.call(
                "create", "create(" + preset.settings() + ")", () -> factory.create(preset.settings(), tools.memory()));
        return new Specimen(product.allocator(), product.mappers(), spec());
    }

    private Specimen clean() {
        if (dirty) {
            restart();
        }
        return service();
    }

    /** Returns the registered allocator with the registered mappers. */
    Specimen service() {
        ServiceReference<Allocator> reference = reference()
                .orElseThrow(() -> new Inapplicable("the bundle has no Allocator service now"));
        List<Mapper> mappers = guest.services(Mapper.class).stream().map(guest::service).toList();
        return new Specimen(guest.service(reference), mappers, spec());
    }

    /** Stops and starts the bundle, and waits for its service. */
    void restart() {
        dirty = false;
        try {
            watch.run("stop", "stop the bundle", guest::stop);
            watch.run("start", "start the bundle", guest::start);
            awaitService();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        guest.close();
    }
}
