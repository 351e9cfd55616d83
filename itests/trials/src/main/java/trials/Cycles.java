// SPDX-License-Identifier: Apache-2.0
package trials;

import static trials.Row.check;
import static trials.Row.number;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.osgi.framework.Bundle;

/**
 * Installs, starts, stops, uninstalls and refreshes a bundle that is an allocator, a driver and a user, over and over. What it
 * left behind is reclaimed, what others have in its storage stays whole, and of its classes nothing remains.
 */
final class Cycles {
    private static final int BETWEEN_COLLECTIONS = 500;

    private final Row row;
    private final Gateway gateway;
    private final Said resident;
    private final InsideBundle guest = InsideBundle.of("trials.guest", "Guest", List.of("Guest", "Bank", "Pattern", "Services"));
    private final List<Leash> leashes = new ArrayList<>();

    private Cycles(Row row, Gateway gateway) throws Exception {
        this.row = row;
        this.gateway = gateway;
        gateway.install(InsideBundle.of("trials.resident", "Resident")).start();
        this.resident = gateway.said("resident");
    }

    public static void main(String[] arguments) {
        Row.run(row -> {
            try (Gateway gateway = new Gateway()) {
                return new Cycles(row, gateway).run(Scale.of(10_000));
            }
        });
    }

    private String run(int cycles) throws Exception {
        Random random = row.random(0);
        List<String> memories = Descriptors.memories();
        for (int cycle = 1; cycle <= cycles; cycle++) {
            cycle(random.nextInt(16));
            if (cycle % BETWEEN_COLLECTIONS == 0) {
                System.gc();
                leashes.removeIf(Leash::isGone);
                row.say(number(cycle) + " cycles, " + leashes.size() + " class loaders not collected yet");
            }
        }
        Patience.until(() -> leashes.size() + " of " + number(cycles) + " class loaders are collected", this::areCollected);
        Patience.until(() -> "the memory is back: " + Descriptors.memories(), () -> Descriptors.memories().equals(memories));
        return number(cycles) + " cycles; 0 pinned class loaders";
    }

    private boolean areCollected() {
        System.gc();
        leashes.removeIf(Leash::isGone);
        return leashes.isEmpty();
    }

    /** One cycle; each bit of the choice puts something of the resident's in its way. */
    private void cycle(int choice) throws Exception {
        Bundle bundle = gateway.install(guest);
        bundle.start();
        leashes.add(new Leash(bundle));
        int left = 0;
        for (String state : List.of("mapped", "idle", "deferred")) {
            if ((choice >> left & 1) != 0) {
                resident.to(state);
            }
            left++;
        }
        if ((choice & 8) != 0) {
            resident.to(gateway.said("guest").to("shared").toString());
        }
        Leash.remove(gateway.context(), bundle);
        int own = Integer.bitCount(choice);
        check(resident.to("buffers").equals(own), "in use after the stop: " + resident.to("buffers") + ", not " + own);
        check(resident.to("verify").equals(own), "not all were verified");
        check(resident.to("buffers").equals(0), "still there: " + resident.to("buffers"));
    }
}
