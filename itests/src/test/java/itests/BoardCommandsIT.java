// SPDX-License-Identifier: Apache-2.0
package itests;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.json.Json;
import jakarta.json.JsonArray;
import jakarta.json.JsonObject;
import jakarta.json.JsonReader;
import jakarta.json.JsonString;
import jakarta.json.JsonStructure;
import jakarta.json.JsonValue;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Device trees on the command line: what {@code board}, {@code plan} and {@code --board} print, and the status of each. */
class BoardCommandsIT {
    @TempDir
    Path folder;

    private String twin;

    @BeforeEach
    void build() throws IOException {
        twin = Files.write(folder.resolve("twin.dtb"), TwinBoard.blob()).toString();
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        assertThat(Run.leftovers(folder)).as("temporary storage").isEmpty();
    }

    @Test
    void allNodesAreAnArrayByPath() throws Exception {
        Run run = Run.of(folder, List.of("board", twin, "--all", "--json"));

        assertThat(run.status()).isZero();
        JsonArray nodes = json(run).asJsonArray();
        assertThat(paths(nodes))
                .containsExactly(
                        "/reserved-memory/dsp-pool@50000000",
                        "/reserved-memory/linux,cma",
                        "/soc@0",
                        TwinBoard.DSP,
                        TwinBoard.IOMMU,
                        TwinBoard.DISPLAY,
                        TwinBoard.CODEC,
                        TwinBoard.DECODER);
        assertThat(nodes.stream().map(JsonValue::asJsonObject)).allSatisfy(node -> assertThat(node.keySet())
                .containsExactly(
                        "path",
                        "compatible",
                        "iommus",
                        "coherent",
                        "windows",
                        "memoryRegions",
                        "constraints",
                        "profile"));
    }

    @Test
    void aNodeSaysWhatTheTreeAndTheProfileSay() throws Exception {
        Run run = Run.of(folder, List.of("board", twin, "--json"));

        JsonArray nodes = json(run).asJsonArray();
        assertThat(paths(nodes))
                .as("those that take part in DMA")
                .containsExactly(TwinBoard.DSP, TwinBoard.DISPLAY, TwinBoard.CODEC, TwinBoard.DECODER);
        JsonObject codec = nodes.getJsonObject(2);
        assertThat(codec.getJsonArray("compatible")).isEqualTo(Json.createArrayBuilder(List.of("nxp,imx8mm-vpu-g1")).build());
        assertThat(codec.getBoolean("coherent")).isFalse();
        assertThat(codec.getJsonArray("windows")).isEqualTo(Json.createArrayBuilder()
                .add(Json.createObjectBuilder()
                        .add("bus", 0)
                        .add("cpu", TwinBoard.RAM)
                        .add("size", TwinBoard.RAM_BYTES))
                .build());
        assertThat(codec.getJsonObject("constraints").getInt("maxSegments")).isEqualTo(1);
        assertThat(codec.getString("profile")).isNotBlank();
        assertThat(texts(nodes.getJsonObject(0).getJsonArray("memoryRegions")))
                .containsExactly("/reserved-memory/dsp-pool@50000000");
        assertThat(nodes.getJsonObject(0).get("profile")).isEqualTo(JsonValue.NULL);
        assertThat(texts(nodes.getJsonObject(3).getJsonArray("iommus"))).containsExactly(TwinBoard.IOMMU);
    }

    @Test
    void addressesAreUnsignedNumbers() throws Exception {
        String high = Files.write(folder.resolve("high.dtb"), TreeBlob.of("High", root -> root.node("soc", soc -> soc
                        .text("compatible", "simple-bus")
                        .cells("#address-cells", 2)
                        .cells("#size-cells", 2)
                        .cells("dma-ranges", 0, 0, 0xffff_ffff, 0, 1, 0)
                        .node("codec@0", node -> node.text("compatible", "nxp,imx8mm-vpu-g1").reg(0, 0x1000)))))
                .toString();
        Run run = Run.of(folder, List.of("board", high, "--json"));

        JsonObject window = json(run).asJsonArray().getJsonObject(0).getJsonArray("windows").getJsonObject(0);
        assertThat(window.getJsonNumber("cpu").toString()).isEqualTo("18446744069414584320");
        assertThat(window.getJsonNumber("size").longValueExact()).isEqualTo(1L << 32);
    }

    @Test
    void severalFilesAreOneArrayAndABrokenOneIsNamed() throws Exception {
        String plain = Files.write(folder.resolve("plain.dtb"), TreeBlob.ofRam("Plain", 0, 1 << 30)).toString();
        String broken = Files.writeString(folder.resolve("broken.dtb"), "no tree").toString();
        Run run = Run.of(folder, List.of("board", twin, broken, plain, "--json"));

        JsonArray files = json(run).asJsonArray();
        assertThat(files.stream().map(file -> file.asJsonObject().getString("file"))).containsExactly(twin, plain);
        assertThat(files.getJsonObject(0).getJsonArray("nodes")).hasSize(4);
        assertThat(files.getJsonObject(1).getJsonArray("nodes")).isEmpty();
        assertThat(run.err()).contains(broken).contains("EINVAL");
        assertThat(run.status()).isEqualTo(1);
    }

    @Test
    void aPlanNamesWhoServesAndWhatEachDeviceSees() throws Exception {
        Run run = Run.of(
                folder,
                List.of("plan", "--board", twin, "--size", "3M", "(family=hantro)", "lcd-controller@32e00000", "--json"));

        JsonObject plan = json(run).asJsonObject();
        assertThat(texts(plan.getJsonArray("devices"))).containsExactly(TwinBoard.CODEC, TwinBoard.DISPLAY);
        assertThat(plan.getString("allocator")).isEqualTo("contig");
        JsonObject segment = plan.getJsonObject("tables").getJsonArray(TwinBoard.CODEC).getJsonObject(0);
        assertThat(segment.getJsonNumber("address").longValueExact()).isEqualTo(TwinBoard.CMA - TwinBoard.RAM);
        assertThat(segment.getJsonNumber("size").longValueExact()).isEqualTo(3 << 20);
        assertThat(plan.get("refusal")).isEqualTo(JsonValue.NULL);
        assertThat(run.status()).isZero();
    }

    @Test
    void aPlanThatIsRefusedSaysWhyAndIsStatus1() throws Exception {
        Run run = Run.of(folder, List.of("plan", "--board", twin, "--size", "128M", TwinBoard.CODEC, "--json"));

        JsonObject plan = json(run).asJsonObject();
        assertThat(plan.get("allocator")).isEqualTo(JsonValue.NULL);
        JsonObject refusal = plan.getJsonObject("refusal");
        assertThat(refusal.getString("errno")).isEqualTo("ENOMEM");
        assertThat(refusal.getJsonArray("attempts")).isNotEmpty();
        assertThat(refusal.getJsonObject("fits").getString("name")).isEqualTo(TwinBoard.CODEC);
        assertThat(refusal.getJsonObject("fits").getString("field")).isEqualTo("maxSegments");
        assertThat(run.status()).isEqualTo(1);
    }

    @Test
    void commandsRunOnTheBoardsTwin() throws Exception {
        Run run = Run.of(folder, List.of(
                "--board", twin, "-c",
                "create f 3M; attach f video-codec@38300000; map f video-codec@38300000; fill f 3; verify f 3; buffers --json"));

        assertThat(run.err()).isEmpty();
        JsonObject buffer = parsed(run.lastLine()).asJsonArray().getJsonObject(0);
        assertThat(buffer.getString("allocator")).isEqualTo("contig");
        assertThat(run.status()).isZero();

        Run failing = Run.of(folder, List.of("--board", twin, "-c", "create f 1M; attach f video-codec@39000000"));
        assertThat(failing.err()).as("a disabled node is no device").startsWith("EINVAL");
        assertThat(failing.status()).isEqualTo(1);
    }

    private static JsonStructure json(Run run) {
        assertThat(run.out()).as("not only " + run.err()).isNotEmpty();
        return parsed(run.out());
    }

    private static JsonStructure parsed(String text) {
        try (JsonReader reader = Json.createReader(new StringReader(text))) {
            return reader.read();
        }
    }

    private static List<String> paths(JsonArray nodes) {
        return nodes.stream().map(node -> node.asJsonObject().getString("path")).toList();
    }

    private static List<String> texts(JsonArray array) {
        return array.getValuesAs(JsonString.class).stream().map(JsonString::getString).toList();
    }
}
