// SPDX-License-Identifier: Apache-2.0
package itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;

/**
 * Whatever the order in which the gateway's bundles are installed and started, and whichever of them is refreshed, it
 * ends in the same state: devices, allocators, components with their bindings, and buffers that map.
 */
class OrdersIT {
    private static final int ORDERS = 50;

    /** Say {@code -Dorders.seed=N} to see the orders of a failure again. */
    private static final long SEED = Long.getLong("orders.seed", System.nanoTime());

    private static byte[] witness = {};
    private static Path board = Path.of("target", "boards", "OrdersIT.dtb");
    private static String expected = "";

    @BeforeAll
    static void startOnceInTheOrderOfTheNames() throws Exception {
        Files.createDirectories(board.getParent());
        Files.write(board, TwinBoard.blob());
        witness = Gateway.witness();
        try (Gateway gateway = gateway("first")) {
            gateway.install(Gateway.distribution());
            gateway.installWitness(witness);
            Gateway.start(gateway.bundles());
            Stage.patiently().until(() -> isWhole(gateway.state()));
            expected = gateway.state();
        }
    }

    /** Returns whether all of the twin is there and works; nobody handles events here, so nothing hands them on. */
    static boolean isWhole(String state) {
        return state.lines().filter(line -> line.startsWith("device ")).count() == 4
                && state.lines().filter(line -> line.startsWith("allocator ")).count() >= 4
                && state.lines().filter(line -> line.endsWith(" keeps its bytes")).count() == 3
                && state.lines().filter(line -> line.contains(" LACKS ")).allMatch(line -> line.contains(".EventAdminBridge "));
    }

    private static Gateway gateway(String name) throws Exception {
        return new Gateway(Path.of("target", "orders", name).toAbsolutePath(), board, Gateway.shippedConfiguration());
    }

    @Test
    void everyOrderEndsInTheSameState() throws Exception {
        System.out.println("OrdersIT: " + ORDERS + " orders, -Dorders.seed=" + SEED);
        Random random = new Random(SEED);
        for (int order = 1; order <= ORDERS; order++) {
            List<Path> installs = new ArrayList<>(Gateway.distribution());
            Collections.shuffle(installs, random);
            try (Gateway gateway = gateway("order")) {
                gateway.install(installs);
                gateway.installWitness(witness);
                List<Bundle> starts = new ArrayList<>(gateway.bundles());
                Collections.shuffle(starts, random);
                Gateway.start(starts);
                gateway.awaitState("order " + order + ", started " + starts, expected);
            }
        }
    }

    @Test
    void aRefreshOfEachBundleInTurnEndsInTheSameState() throws Exception {
        try (Gateway gateway = gateway("refresh")) {
            gateway.install(Gateway.distribution());
            gateway.installWitness(witness);
            Gateway.start(gateway.bundles());
            for (Bundle bundle : gateway.bundles()) {
                Refresh.of(gateway.context(), List.of(bundle));
                gateway.awaitState("after the refresh of " + bundle, expected);
            }
        }
    }

    @Test
    void theCheckCatchesWhatIsMissing() throws Exception {
        try (Gateway gateway = gateway("missing")) {
            gateway.install(Gateway.distribution().stream()
                    .filter(file -> !file.getFileName().toString().startsWith("allocator.iommu"))
                    .toList());
            gateway.installWitness(witness);
            Gateway.start(gateway.bundles());
            Stage.patiently().until(() -> gateway.state().contains("allocator contig"));
            assertThat(gateway.state()).isNotEqualTo(expected);
        }
    }
}
