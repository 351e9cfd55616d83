// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.FIRST;
import static itests.Stage.MIB;
import static itests.Stage.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Mapping;
import dmabuf.api.Segment;
import dmabuf.api.StorageFile;
import dmabuf.api.spi.Allocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.service.cm.Configuration;

/** Several users at once while allocators stop, start and change their order: no byte is lost, nobody is refused. */
public class ChurnIT extends GatewayConfiguration {
    private static final int USERS = 4;
    private static final int FRAMES = 60;

    private Stage stage;
    private Bank bank;
    private Configuration pool;

    @Before
    public void setUp() {
        stage = new Stage(context);
        bank = new Bank(0x2_0000_0000L, 64 * MIB);
        stage.register(Allocator.class, bank, Bank.properties("bank", FIRST));
        pool = stage.pool("pool", 0x1_0000_0000L, 64 * MIB, FIRST + 1);
        stage.device("camera", "maxSegments=1");
        stage.device("codec", "align=64K");
    }

    @After
    public void tearDown() throws Exception {
        stage.close();
    }

    @Test
    public void framesGoTheirWayWhileTheirAllocatorComesAndGoes() throws Exception {
        Bundle contig = stage.ours("allocator.contig");
        List<String> memories = Descriptors.memories();
        whileFramesFlow(round -> {
            contig.stop();
            contig.start();
            patiently().until(() -> isServing(FIRST + 1));
        });
        isAllGivenBack(memories);
    }

    @Test
    public void framesGoTheirWayWhileTheOrderAndThePlaceChange() throws Exception {
        List<String> memories = Descriptors.memories();
        whileFramesFlow(round -> {
            int priority = FIRST + (round % 2 == 0 ? -1 : 1);
            String base = round % 3 == 0 ? "0x300000000" : "0x100000000";
            Stage.update(pool, Map.of("id", "pool", "base", base, "size", "64M", "priority", priority));
            patiently().until(() -> isServing(priority));
        });
        isAllGivenBack(memories);
    }

    private boolean isServing(int priority) {
        return stage.exporter().allocators().stream()
                .anyMatch(info -> info.id().equals("pool") && info.priority() == priority);
    }

    private interface Disturbance {
        void round(int number) throws Exception;
    }

    private void whileFramesFlow(Disturbance disturbance) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(USERS)) {
            List<Future<?>> users = new ArrayList<>();
            for (int user = 0; user < USERS; user++) {
                Random random = new Random(user);
                users.add(threads.submit(() -> frames(random)));
            }
            for (int round = 0; users.stream().anyMatch(user -> !user.isDone()); round++) {
                disturbance.round(round);
            }
            for (Future<?> user : users) user.get();
        }
    }

    private void frames(Random random) {
        for (int i = 0; i < FRAMES; i++) frame(random.nextLong(), 1 + random.nextInt(300_000));
    }

    private void frame(long seed, int byteSize) {
        try (DmaBuf frame = stage.exporter().create(BufferRequest.ofSize(byteSize));
                Attachment camera = frame.attach("camera")) {
            byte[] written;
            try (Mapping mapping = camera.map(Direction.FROM_DEVICE); StorageFile file = mapping.openFile()) {
                List<Segment> table = mapping.table().segments();
                written = Pattern.fill(frame, seed);
                assertThat(Ram.of(file).read(table)).as("what the camera sees").startsWith(written);
                assertThat(mapping.table().segments()).isEqualTo(table);
            }
            try (Attachment codec = frame.attach("codec"); Mapping mapping = codec.map(Direction.TO_DEVICE);
                    StorageFile file = mapping.openFile()) {
                assertThat(mapping.table().contiguousAddress().orElseThrow() % (64 << 10)).isZero();
                assertThat(Ram.contents(file, byteSize)).as("what the codec sees").isEqualTo(written);
            }
            assertThat(Pattern.read(frame)).isEqualTo(written);
        }
    }

    private void isAllGivenBack(List<String> memories) {
        patiently().untilAsserted(() -> assertThat(Descriptors.memories()).isEqualTo(memories));
        assertThat(stage.exporter().buffers()).isEmpty();
        assertThat(bank.statistics().live()).isZero();
        assertThat(stage.allocator("pool").statistics().orElseThrow().live()).isZero();
    }
}
