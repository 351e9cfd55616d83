// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.FIRST;
import static itests.Stage.MIB;
import static itests.Stage.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Attachment;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Mapping;
import dmabuf.api.SgTable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;

/** The example allocator.bestfit in the place of allocator.contig: it stands by, takes over with all bytes, and yields. */
public class ReplacementIT extends GatewayConfiguration {
    private static final long POOL = 0x1000_0000L;
    private static final int SIZE = 300_000;

    private Stage stage;
    private Bundle bestFit;

    @Before
    public void setUp() throws Exception {
        stage = new Stage(context);
        stage.pool("pool", POOL, 16 * MIB, FIRST);
        stage.device("camera", "maxSegments=1");
        bestFit = install();
        patiently().until(() -> bundles("pool").size() == 2);
    }

    @After
    public void tearDown() throws Exception {
        bestFit.uninstall();
        stage.close();
    }

    private Bundle install() throws IOException, BundleException {
        Path folder = Path.of("examples/allocator.bestfit/target");
        try (Stream<Path> files = Files.list(folder)) {
            Path jar = files.filter(file -> file.toString().endsWith(".jar")).findFirst().orElseThrow();
            try (InputStream bytes = Files.newInputStream(jar)) {
                Bundle bundle = context.installBundle(jar.toUri().toString(), bytes);
                bundle.start();
                return bundle;
            }
        }
    }

    /** The bundles that offer an allocator of an id: the holder, then who stands by. */
    private List<String> bundles(String id) {
        return stage.exporter().allocators().stream()
                .filter(info -> info.id().equals(id))
                .sorted((a, b) -> Boolean.compare(a.standby(), b.standby()))
                .map(info -> info.bundle())
                .toList();
    }

    @Test
    public void itTakesOverWithIdleAndMappedBuffersAndYieldsAgain() throws Exception {
        assertThat(bundles("pool")).containsExactly("allocator.contig", "allocator.bestfit");
        DmaBuf idle = stage.buffer(SIZE);
        byte[] idleBytes = Pattern.fill(idle, 1);
        DmaBuf held = stage.buffer(SIZE);
        byte[] heldBytes = Pattern.fill(held, 2);
        Attachment camera = held.attach("camera");
        Mapping mapping = camera.map(Direction.BIDIRECTIONAL);
        SgTable table = mapping.table();

        Bundle contig = stage.ours("allocator.contig");
        contig.stop();

        assertThat(bundles("pool")).containsExactly("allocator.bestfit");
        assertThat(idle.info().allocator()).contains("pool");
        assertThat(idle.info().moves()).isEqualTo(1);
        assertThat(Pattern.read(idle)).isEqualTo(idleBytes);
        assertThat(mapping.table()).as("what is mapped stays").isEqualTo(table);
        assertThat(Pattern.read(held)).isEqualTo(heldBytes);
        mapping.close();
        assertThat(held.info().moves()).isEqualTo(1);
        assertThat(held.info().segments().getFirst().range().intersect(idle.info().segments().getFirst().range())).isEmpty();
        assertThat(stage.allocator("pool").statistics().orElseThrow().live()).isEqualTo(2);

        contig.start();
        patiently().until(() -> bundles("pool").equals(List.of("allocator.bestfit", "allocator.contig")));
        bestFit.stop();

        assertThat(bundles("pool")).containsExactly("allocator.contig");
        assertThat(idle.info().moves()).isEqualTo(2);
        assertThat(Pattern.read(idle)).isEqualTo(idleBytes);
        assertThat(Pattern.read(held)).isEqualTo(heldBytes);
    }
}
