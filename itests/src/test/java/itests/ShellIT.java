// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.patiently;
import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.Device;
import dmabuf.api.spi.Allocator;
import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonReader;
import jakarta.json.JsonStructure;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import javax.inject.Inject;
import org.apache.felix.service.command.CommandProcessor;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;

/** The shell's commands as a person types them: one after another, the command service given back in between. */
public class ShellIT extends GatewayConfiguration {
    @Inject
    private CommandProcessor gogo;

    private Terminal terminal;

    @Override
    protected byte[] board() {
        return TwinBoard.blob();
    }

    @Before
    public void setUp() {
        terminal = new Terminal(gogo);
        patiently().untilAsserted(() -> {
            assertThat(context.getServiceReferences(Device.class, null)).hasSize(4);
            assertThat(context.getServiceReferences(Allocator.class, null)).hasSize(4);
            assertThat(terminal.session().get("dmabuf:__candidates")).isNotNull();
        });
    }

    @After
    public void tearDown() throws Exception {
        for (String name : List.of("frame", "other")) {
            for (String device : List.of("38300000", "38400000")) {
                terminal.run("dmabuf:unmap " + name + " video-codec@" + device);
                terminal.run("dmabuf:detach " + name + " video-codec@" + device);
            }
            terminal.run("dmabuf:free " + name);
        }
        terminal.close();
    }

    @Test
    public void aBufferOutlivesTheCommandThatCreatedIt() throws Exception {
        terminal.run("dmabuf:create frame 64K");
        assertThat(terminal.run("dmabuf:buffers")).contains("frame");
        assertThat(terminal.run("dmabuf:fill frame 7")).isEqualTo("frame: 65536 bytes written\n");
        assertThat(terminal.run("dmabuf:verify frame 7")).isEqualTo("frame: 65536 bytes are as written\n");
        assertThat(terminal.run("dmabuf:move frame")).isEqualTo("frame moved inside iommu, now in 1 run\n");
        assertThat(terminal.run("dmabuf:verify frame 7")).isEqualTo("frame: 65536 bytes are as written\n");
        terminal.run("dmabuf:free frame");
        assertThat(terminal.run("dmabuf:buffers")).doesNotContain("frame");
    }

    @Test
    public void answersAreObjectsWhoseFieldsScriptsRead() throws Exception {
        assertThat(terminal.run("x = create frame 64K")).startsWith("buffer frame#");
        assertThat(terminal.run("$x name")).isEqualTo("frame\n");
        assertThat(terminal.run("$x get size")).isEqualTo("65536\n");
        assertThat(terminal.run("$x get state")).isEqualTo("deferred\n");
        terminal.run("attach ($x name) family=hantro");
        assertThat(terminal.run("(map frame family=hantro from) get contiguousAddress")).matches("[0-9]+\n");
        assertThat(terminal.run("(((buffers) get 0) get attachments) get 0").strip())
                .startsWith("{\"device\":\"" + TwinBoard.CODEC + "\",\"mappings\":1,");
        Object rows = terminal.session().execute("(devices) rows");
        assertThat((Collection<?>) rows).hasSize(4);
    }

    @Test
    public void anOptionalDeviceThatDoesNotFitIsLeftOutAndSaidSo() throws Exception {
        terminal.run("create frame 64K");
        String[] lines = terminal.run("attach frame family=hantro --optional nowhere").split("\n");
        assertThat(lines).hasSize(2);
        assertThat(lines[0]).startsWith("frame is shared with " + TwinBoard.CODEC + "; together they need: ");
        assertThat(lines[1]).startsWith("without nowhere: INVALID ");
        assertThat(terminal.run("why frame")).contains("it goes on without nowhere: INVALID ");
        assertThat(terminal.run("info frame")).contains("without nowhere: INVALID ");
        assertThat(json("info frame").asJsonObject().getJsonArray("leftOut")).hasSize(1);
    }

    @Test
    public void everyListingIsJsonOnDemand() throws Exception {
        terminal.run("create frame 64K");
        terminal.run("attach frame family=hantro");
        terminal.run("map frame family=hantro");
        terminal.run("detach frame family=hantro");
        assertThat((JsonArray) json("devices")).hasSize(4);
        assertThat((JsonArray) json("allocators")).hasSize(4);
        assertThat(((JsonArray) json("buffers")).getJsonObject(0).getString("name")).isEqualTo("frame");
        assertThat(json("info frame").asJsonObject().getString("state")).isEqualTo("backed");
        assertThat(json("plan 64K family=hantro").asJsonObject().getString("allocator")).isEqualTo("system");
        assertThat(json("why frame").asJsonObject().getJsonObject("lastRefusal").getString("reason")).isEqualTo("BUSY");
        String tree = System.getProperty("dmabuf.board.file", context.getProperty("dmabuf.board.file"));
        assertThat(((JsonArray) json("board " + tree)).size()).isGreaterThan(3);
    }

    private JsonStructure json(String line) throws Exception {
        try (JsonReader reader = Json.createReader(new StringReader(terminal.run(line + " --json")))) {
            return reader.read();
        }
    }

    @Test
    public void aListingShowsEveryDevicesOwnConstraintsAndState() throws Exception {
        terminal.run("create frame 64K");
        terminal.run("attach frame video-codec@38300000 lcd-controller@32e00000");
        terminal.run("map frame video-codec@38300000");
        List<String> lines = terminal.run("buffers").lines().toList();
        assertThat(lines.get(1).split(" +")).containsExactly(
                "size", "flags", "mode", "count", "state", "constraints", "exp_name", "name");
        assertThat(lines.get(2)).matches("64K +CACHED  rw    1      backed +range=\\S+ .*maxSegments=1  system    frame#[0-9]+");
        assertThat(lines).element(4).asString().matches(" {8}" + TwinBoard.DISPLAY + " +attached   .*window=.*");
        assertThat(lines).element(5).asString().matches(" {8}" + TwinBoard.CODEC + " +mapped 1x  .*maxSegments=1");
        assertThat(lines).element(6).isEqualTo("Total 2 devices attached");
        assertThat(lines.getLast()).isEqualTo("Total 1 objects, 65536 bytes");
    }

    @Test
    public void aWrongWordAnswersWithTheRightOnes() throws Exception {
        terminal.run("create frame 64K");
        assertThat(terminal.run("info frme"))
                .isEqualTo("EINVAL: no buffer, device or allocator has the name frme: did you mean frame?\n");
        assertThat(terminal.run("why fram")).isEqualTo("EINVAL: no buffer has the name fram: did you mean frame?\n");
        assertThat(terminal.run("create other")).isEqualTo("create: SIZE is missing\nusage: create NAME SIZE [--option...]\n");
        assertThat(terminal.run("create other 4K --lat refuse")).startsWith("create: unknown option '--lat': did you mean --late?");
        assertThat(terminal.run("buffers all")).startsWith("buffers: there is a word too many: all\n");
        assertThat(terminal.run("help fre")).startsWith("help: there is no command fre: did you mean free");
        assertThat(terminal.run("create other 4K --late")).startsWith("create: --late needs a value\n");
    }

    @Test
    public void helpLeadsToTheCommandsAndBeyond() throws Exception {
        assertThat(terminal.run("help")).contains("\ncreate      create a buffer;", "\nwatch       tell what happens");
        assertThat(terminal.run("help create")).contains("usage: create NAME SIZE", "for example\n  create frame 8M\n");
        assertThat(terminal.run("create --help")).isEqualTo(terminal.run("help dmabuf:create"));
    }

    @Test
    public void namesThatLiveAreOfferedWhereTheyMayStand() throws Exception {
        terminal.run("create frame 64K");
        terminal.run("create other 64K");
        terminal.run("attach frame family=hantro");
        assertThat(candidates("[attach ''] 1")).containsExactly("frame", "other");
        assertThat(candidates("[attach frame ''] 2")).contains("video-codec@38300000", "dsp@3b6e8000").hasSize(4);
        assertThat(candidates("[attach frame dsp@3b6e8000 ''] 3")).as("one after another").hasSize(4);
        assertThat(candidates("[dmabuf:map frame ''] 2")).containsExactly("video-codec@38300000");
        assertThat(candidates("[map --movable frame ''] 3")).containsExactly("video-codec@38300000");
        assertThat(candidates("[map frame video-codec@38300000 ''] 3")).containsExactly("to", "from", "both");
        assertThat(candidates("[map frame video-codec@38300000 to ''] 4")).isEmpty();
        assertThat(candidates("[info ''] 1")).contains("frame", "contig", "dsp-pool@50000000", "dsp@3b6e8000");
        assertThat(candidates("[create x 4K --late ''] 4")).containsExactly("move", "refuse");
        assertThat(candidates("[create x 4K --flags CACHED,] 4")).containsExactly("CACHED,WRITE_COMBINE", "CACHED,NO_CPU");
        assertThat(candidates("[create ''] 1")).isEmpty();
        assertThat(candidates("[nothing ''] 1")).isEmpty();
        assertThat(candidates("[help ''] 1")).contains("create", "watch");
        terminal.run("free other");
        assertThat(candidates("[attach ''] 1")).containsExactly("frame");
    }

    private List<String> candidates(String line) throws Exception {
        Collection<?> found = (Collection<?>) terminal.session().execute("dmabuf:__candidates " + line);
        return found.stream().map(Object::toString).toList();
    }

    /** Stands in for the line editor, which the tests' gateway has not: takes what its command is told. */
    public static final class Completing {
        private final List<List<String>> told = new ArrayList<>();

        public void complete(String[] words) {
            told.add(List.of(words));
        }
    }

    @Test
    public void aSessionOfTheLineEditorIsToldHowToComplete() throws Exception {
        Completing editor = new Completing();
        ServiceRegistration<Completing> registration = context.registerService(
                Completing.class, editor,
                FrameworkUtil.asDictionary(Map.of("osgi.command.scope", "gogo", "osgi.command.function", "complete")));
        terminal.session().put(".completions", Map.of());
        terminal.run("help");
        terminal.run("help");
        registration.unregister();
        assertThat(editor.told).as("once").doesNotHaveDuplicates().contains(
                List.of("-c", "dmabuf:free", "-e"),
                List.of("-c", "dmabuf:free", "-d", "drop this reference to a buffer; attached devices keep it alive"),
                List.of("-c", "dmabuf:watch", "-l", "json", "-d", "one JSON object a line"),
                List.of("-c", "dmabuf:map", "-a", "dmabuf:__candidates ($.commandLine words) ($.commandLine wordIndex)"),
                List.of("-c", "dmabuf:board", "-a", "gogo:__files"));
    }

    @Test
    public void everyCommandOfTheScopeIsInTheHelpAndTheOtherWayRound() throws Exception {
        Collection<?> all = (Collection<?>) terminal.session().get(".commands");
        List<String> ours = all.stream()
                .map(Object::toString)
                .filter(name -> name.startsWith("dmabuf:") && !name.contains("__"))
                .map(name -> name.substring("dmabuf:".length()))
                .toList();
        Collection<?> help = (Collection<?>) terminal.session().execute("(help) rows");
        assertThat(help.stream().map(Object::toString)).containsExactlyInAnyOrderElementsOf(ours);
    }
}
