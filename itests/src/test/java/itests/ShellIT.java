// SPDX-License-Identifier: Apache-2.0
package itests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import javax.inject.Inject;
import org.apache.felix.service.command.CommandProcessor;
import org.apache.felix.service.command.CommandSession;
import org.junit.Test;

/** The shell's commands as a person types them: one after another, the command service given back in between. */
public class ShellIT extends GatewayConfiguration {

    @Inject
    private CommandProcessor gogo;

    @Test
    public void aBufferOutlivesTheCommandThatCreatedIt() throws Exception {
        run("dmabuf:create frame 64K");

        assertThat(run("dmabuf:buffers")).contains("frame");
        assertThat(run("dmabuf:fill frame 7")).doesNotContain("EINVAL");
        assertThat(run("dmabuf:verify frame 7")).contains("frame");

        run("dmabuf:free frame");
        assertThat(run("dmabuf:buffers")).doesNotContain("frame");
    }

    private String run(String command) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);
                CommandSession session = gogo.createSession(new ByteArrayInputStream(new byte[0]), print, print)) {
            Object result = session.execute(command);
            if (result != null) {
                print.println(session.format(result, 0));
            }
        }
        return out.toString(StandardCharsets.UTF_8);
    }
}
