// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.DmaBuf;
import dmabuf.api.Exporter;
import dmabuf.api.HoldingInfo;
import java.util.Map;
import javax.inject.Inject;
import org.apache.felix.service.command.CommandProcessor;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.Bundle;

/** A bundle that forgets to close, as an operator finds it by the shell: who, what, for how long, in which line. */
public class LeaksIT extends GatewayConfiguration {
    private static final String APP = "app.leaky";

    @Inject
    private CommandProcessor gogo;

    private Stage stage;
    private Terminal terminal;
    private Bundle app;

    @Before
    public void setUp() {
        stage = new Stage(context);
        terminal = new Terminal(gogo);
        app = stage.bundle(APP);
        patiently().until(() -> stage.ids().contains("system"));
        patiently().untilAsserted(() -> assertThat(terminal.session().get("dmabuf:leaks")).isNotNull());
    }

    @After
    public void tearDown() throws Exception {
        terminal.close();
        stage.close();
    }

    /** The line that the operator has to find. */
    private DmaBuf forget() {
        return Stage.service(app.getBundleContext(), Exporter.class, null)
                .create(BufferRequest.ofSize(8192).withName("lost"));
    }

    @Test
    public void aForgottenHandleIsFoundWithTheLineThatOpenedIt() throws Exception {
        stage.configure("dmabuf.core", Map.of("leakLevel", "full"));
        patiently().untilAsserted(() -> {
            try (DmaBuf _ = stage.buffer(4096)) {
                assertThat(stage.exporter().holdings()).allMatch(held -> !held.site().isEmpty());
            }
        });
        terminal.run("snapshot before");
        assertThat(terminal.run("diff before")).isEqualTo("nothing has changed\n");

        DmaBuf lost = forget();

        assertThat(terminal.run("leaks --older 0s --owner " + APP))
                .contains("reference  lost#" + lost.id() + "  app.leaky  -", "itests.LeaksIT.forget(LeaksIT.java:");
        assertThat(terminal.run("leaks --older 1h")).isEqualTo("nothing\n");
        assertThat(terminal.run("leaks --older soon")).startsWith("EINVAL: --older is a number with ms, s, m, h or d, not soon");
        assertThat(terminal.run("leaks --older 0s --json")).contains("\"site\":[\"itests.LeaksIT.forget(");
        HoldingInfo held = stage.exporter().holdings().getFirst();
        assertThat(terminal.run("diff before").lines()).contains(
                "+ buffer lost#" + lost.id() + ": owner app.leaky, size 8K, state deferred, storage 0, allocator none",
                "+ reference lost#" + lost.id() + ": owner app.leaky, since " + held.since().orElseThrow() + ", at "
                        + held.site().getFirst(),
                "+ owner app.leaky: buffers 1, memory 0, descriptors 0");

        app.stop();

        assertThat(terminal.run("diff before")).as("a stop takes everything back").isEqualTo("nothing has changed\n");
        assertThat(terminal.run("diff nothing")).startsWith("EINVAL: no snapshot has the name nothing: ");
    }

    @Test
    public void ownersAreListedWithWhatTheyHoldAndTheirQuotas() throws Exception {
        stage.configureFactory("dmabuf.quota", "leaky", Map.of("name", "leaky", "owners", "app.leaky", "bytes", "64K"));
        patiently().untilAsserted(() -> assertThat(stage.exporter().quotas()).isNotEmpty());
        try (DmaBuf lost = forget();
                CpuAccess access = lost.beginCpuAccess(CpuMode.READ)) {
            assertThat(access.segment().byteSize()).isEqualTo(8192);
            String owners = terminal.run("owners");
            assertThat(owners).containsPattern("app\\.leaky +1 +1 +0 +0 +1 +0 +0 +0 +8K +1 +system=8K\n");
            assertThat(owners).containsPattern("\nleaky +- +- +8K of 64K +1\n");
            assertThat(terminal.run("owners --json")).startsWith("{\"owners\":[{\"name\":\"app.leaky\",");
            assertThat(terminal.session().execute("dmabuf:__candidates [leaks --owner ''] 2")).asString().contains(APP);
        }
        assertThat(terminal.run("owners")).doesNotContain("app.leaky ");
    }
}
