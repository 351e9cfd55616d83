// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.FIRST;
import static itests.Stage.MIB;
import static itests.Stage.patiently;
import static itests.Stage.refusal;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.BufferRequest;
import dmabuf.api.BufferSet;
import dmabuf.api.Direction;
import dmabuf.api.Exporter;
import dmabuf.api.Reason;
import dmabuf.api.SetBuffer;
import dmabuf.api.SetRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;

/** Buffer sets of a bundle: a queue that rotates on while allocators are replaced and devices join. */
public class BufferSetIT extends GatewayConfiguration {
    private static final int COUNT = 4;
    private static final int SIZE = 50_000;
    private static final Duration LONG = Duration.ofSeconds(30);

    private Stage stage;
    private List<String> memories;

    @Before
    public void setUp() {
        stage = new Stage(context);
        stage.device("camera", "");
        stage.device("near", "range=0x20000000..0x3fffffff");
        memories = Descriptors.memories();
    }

    @After
    public void tearDown() throws Exception {
        stage.close();
        patiently().untilAsserted(() -> assertThat(Descriptors.memories()).as("nothing leaks").isEqualTo(memories));
    }

    private static BufferSet queue(Exporter exporter) {
        return exporter.createSet(SetRequest.of(BufferRequest.ofSize(SIZE).withName("queue"), COUNT));
    }

    private static long address(SetBuffer frame, String device) {
        return frame.mapping(device).table().segments().getFirst().address();
    }

    @Test
    public void itRotatesOnWhileItsAllocatorIsUpdatedStoppedAndInstalledAgain() throws Exception {
        Bundle bank = stage.start(TestBundle.low("1.0.0"));
        BufferSet set = queue(stage.exporter());
        set.attach("near", Direction.BIDIRECTIONAL);
        AtomicBoolean over = new AtomicBoolean();
        AtomicLong low = new AtomicLong();
        AtomicLong high = new AtomicLong();
        List<CompletableFuture<Void>> threads = IntStream.range(0, 3)
                .mapToObj(seed -> CompletableFuture.runAsync(() -> {
                    while (!over.get()) {
                        frame(set, seed, low, high);
                    }
                }))
                .toList();
        for (int round = 1; round <= 3; round++) {
            awaitMore(low);
            bank.update(TestBundle.high("2.0." + round).jar());
            awaitMore(high);
            bank.update(TestBundle.low("3.0." + round).jar());
            awaitMore(low);
            bank.stop();
            patiently().alias("nobody else can serve it").until(() -> set.info().orphaned());
            awaitMore(low);
            bank.start();
        }
        over.set(true);
        threads.forEach(CompletableFuture::join);
        assertThat(set.info().generation()).isGreaterThan(6);
        patiently().untilAsserted(() -> assertThat(set.info().draining()).isZero());
        assertThat(stage.exporter().buffers()).hasSize(COUNT);
        set.close();
        patiently().untilAsserted(() -> assertThat(stage.exporter().buffers()).isEmpty());
    }

    /** One turn of a camera: nobody else writes to the frame, and its bytes stay wherever the set goes meanwhile. */
    private static void frame(BufferSet set, long seed, AtomicLong low, AtomicLong high) {
        try (SetBuffer frame = set.acquire(LONG)) {
            byte[] bytes = Pattern.fill(frame.buffer(), seed);
            long address = address(frame, "near");
            assertThat(Pattern.read(frame.buffer())).isEqualTo(bytes);
            (address < 0x3000_0000L ? low : high).incrementAndGet();
        }
    }

    private static void awaitMore(AtomicLong frames) {
        long before = frames.get();
        patiently().until(() -> frames.get() > before + 10);
    }

    @Test
    public void previewThenRecord() throws Exception {
        stage.pool("far", 0x1_0000_0000L, 16 * MIB, FIRST + 1);
        stage.pool("bank", 0x2000_0000L, 16 * MIB, FIRST);
        BufferSet set = queue(stage.exporter());
        set.attach("camera", Direction.FROM_DEVICE);
        List<SetBuffer> shown = new ArrayList<>();
        List<byte[]> bytes = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            SetBuffer frame = set.acquire(LONG);
            shown.add(frame);
            bytes.add(Pattern.fill(frame.buffer(), i));
            assertThat(address(frame, "camera")).isGreaterThanOrEqualTo(0x1_0000_0000L);
        }

        set.attach("near", Direction.TO_DEVICE);

        for (int i = 0; i < COUNT; i++) {
            SetBuffer recorded = set.acquire(Duration.ZERO);
            assertThat(recorded.generation()).isEqualTo(2);
            assertThat(address(recorded, "near")).isEqualTo(address(recorded, "camera")).isLessThan(0x3000_0000L);
            byte[] written = Pattern.fill(recorded.buffer(), 10 + i);
            assertThat(Pattern.read(shown.get(i).buffer())).as("an old frame").isEqualTo(bytes.get(i));
            shown.get(i).close();
            assertThat(Pattern.read(recorded.buffer())).isEqualTo(written);
        }
        patiently().untilAsserted(() -> assertThat(set.info().draining()).isZero());
        assertThat(stage.allocator("far").statistics().orElseThrow().live()).isZero();
        assertThat(stage.allocator("bank").statistics().orElseThrow().live()).isEqualTo(COUNT);
    }

    @Test
    public void aBundleThatStopsLosesItsSetAndAllMemoryIsBack() throws Exception {
        Bundle owner = stage.bundle("app.owner");
        BufferSet set = queue(Stage.service(owner.getBundleContext(), Exporter.class, null));
        set.attach("camera", Direction.FROM_DEVICE);
        List<SetBuffer> out = List.of(set.acquire(LONG), set.acquire(LONG));
        assertThat(stage.exporter().sets()).singleElement().satisfies(info -> {
            assertThat(info.owner()).isEqualTo("app.owner");
            assertThat(info.acquired()).isEqualTo(2);
        });

        owner.stop();

        assertThat(refusal(() -> set.acquire(LONG)).reason()).isEqualTo(Reason.GONE);
        assertThat(refusal(() -> out.getFirst().buffer()).reason()).isEqualTo(Reason.GONE);
        assertThat(stage.exporter().sets()).isEmpty();
        patiently().untilAsserted(() -> assertThat(Descriptors.memories()).isEqualTo(memories));
        out.forEach(SetBuffer::close);
    }
}
