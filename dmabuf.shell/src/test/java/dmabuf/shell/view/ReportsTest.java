// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.view;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.AttachmentInfo;
import dmabuf.api.Attempt;
import dmabuf.api.Blame;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferState;
import dmabuf.api.ConstraintField;
import dmabuf.api.DeviceInfo;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Explanation;
import dmabuf.api.FenceInfo;
import dmabuf.api.FenceUsage;
import dmabuf.api.LatePolicy;
import dmabuf.api.Plan;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.SgTable;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.shell.text.Json;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class ReportsTest {
    private static final DmaConstraints ONE_SEGMENT =
            DmaConstraints.builder().maxSegments(1).build();

    private static final Explanation REFUSAL = new Explanation(
            Reason.NO_ALLOCATOR, "nobody has it", List.of(Blame.of("s"), Blame.of("cam", ConstraintField.MAX_SEGMENTS)),
            List.of(
                    new Attempt("s", true, Optional.of(Reason.FRAGMENTED), "30 pieces"),
                    new Attempt("m", false, Optional.of(Reason.NO_ALLOCATOR), "does not match cam")),
            Optional.of(Blame.of("cam", ConstraintField.MAX_SEGMENTS)));

    private static final BufferInfo BUFFER = new BufferInfo(
            3, "frame", "app", 3133440, 3133440, Set.of("CACHED"), false, LatePolicy.MOVE, BufferState.BACKED, 1, 1, 0,
            List.of(new AttachmentInfo("/soc/cam@1", DmaPath.of(ONE_SEGMENT), 2, 1)), List.of("gpu"), ONE_SEGMENT,
            Optional.of("contig"), List.of(new Segment(0x40000000L, 3133440)), 1, false,
            List.of(new Attempt("contig", true, Optional.empty(), "placed")), Optional.of(REFUSAL), Optional.empty(),
            List.of(new FenceInfo(FenceUsage.WRITE, "app", Optional.of("decode"), Duration.ofMillis(250))), List.of());

    @Test
    void buffersLookAsTheKernelsDo() {
        assertThat(BufferView.text(List.of(BUFFER))).isEqualTo(
                """
                Dma-buf Objects:
                size   flags   mode  count  state   constraints    exp_name  name
                3060K  CACHED  rw    1      backed  maxSegments=1  contig    frame#3
                        write fence decode of app, 250 ms left
                        Attached Devices:
                        /soc/cam@1  mapped 2x, early maps 1  maxSegments=1
                Total 1 devices attached

                Total 1 objects, 3133440 bytes
                """);
    }

    @Test
    void aBufferInDetail() {
        assertThat(BufferView.details(BUFFER))
                .startsWith("buffer frame #3\n")
                .contains("  owner           app\n", "  CPU             1 open access, 0 user mappings\n")
                .contains("  waits for       gpu\n",
                        "  pending         write fence decode of app, 250 ms left\n", "  storage         3060K from contig, moved 1x\n")
                .contains("in CPU physical space 1 segment:", "0x40000000+0x2fd000  3060K");
    }

    @Test
    void whyNamesTheConflictTheAllocatorsAndTheChange() {
        assertThat(BufferView.why(BUFFER)).isEqualTo(
                """
                last refusal of frame:
                  refused: NO_ALLOCATOR (ENODEV): nobody has it
                  in the way: cam.maxSegments, s
                    ALLOCATOR  ASKED  ANSWER        WHY
                    s          yes    FRAGMENTED    30 pieces
                    m          no     NO_ALLOCATOR  does not match cam
                  would fit: without the limit cam.maxSegments
                last choice of storage: contig
                  ALLOCATOR  ASKED  ANSWER  WHY
                  contig     yes    serves  placed
                """);
    }

    @Test
    void aBufferAsData() {
        assertThat(Json.write(BufferView.data(BUFFER)))
                .startsWith("{\"id\":3,\"name\":\"frame\",\"owner\":\"app\",\"size\":3133440,\"storage\":3133440,"
                        + "\"flags\":[\"CACHED\"],\"readOnly\":false,\"late\":\"move\",\"state\":\"backed\",")
                .contains("\"fences\":[{\"usage\":\"write\",\"owner\":\"app\",\"name\":\"decode\",\"remainingMillis\":250}]")
                .contains("\"segments\":[{\"address\":1073741824,\"size\":3133440}]")
                .contains("\"blames\":[{\"name\":\"cam\",\"field\":\"maxSegments\"},{\"name\":\"s\",\"field\":null}]")
                .contains("\"fits\":{\"name\":\"cam\",\"field\":\"maxSegments\"}");
    }

    @Test
    void aPlanShowsTheDecisionAndTheFirstSegments() {
        SgTable table = new SgTable(LongStream.range(0, 10).mapToObj(i -> new Segment(i << 20, 4096)).toList());
        Plan plan = new Plan(
                List.of("/soc/cam@1"), 40960, Optional.of(ONE_SEGMENT), Optional.of("s"), Map.of("/soc/cam@1", table),
                List.of(new Attempt("s", true, Optional.empty(), "serves")), Optional.empty());
        assertThat(PlanView.text(plan))
                .startsWith("40960 bytes for 1 device:\n  /soc/cam@1\ntogether they need: maxSegments=1\nserved by: s\n")
                .contains("cam@1 sees 10 segments:\n  0x0+0x1000  4K\n")
                .endsWith("  and 2 more\n");
        assertThat(Json.write(PlanView.data(plan)))
                .startsWith("{\"devices\":[\"/soc/cam@1\"],\"size\":40960,\"constraints\":{\"maxSegments\":1},"
                        + "\"allocator\":\"s\",\"tables\":{\"/soc/cam@1\":[{\"address\":0,\"size\":4096},")
                .endsWith("\"refusal\":null}");
    }

    @Test
    void aRefusedPlan() {
        Plan plan = new Plan(
                List.of("cam"), 1, Optional.empty(), Optional.empty(), Map.of(), REFUSAL.attempts(), Optional.of(REFUSAL));
        assertThat(PlanView.text(plan))
                .startsWith("1 byte for 1 device:\n  cam\nrefused: NO_ALLOCATOR (ENODEV): nobody has it\n")
                .endsWith("would fit: without the limit cam.maxSegments\n");
    }

    @Test
    void allocatorsThatDoNotAnswerSpoilOnlyTheirOwnFigures() {
        AllocatorInfo silent = new AllocatorInfo(
                "x", 5, "bank", "Bank", "my.bundle", Optional.of("p"), OptionalInt.of(3), true, Optional.empty(), Map.of());
        AllocatorInfo fine = new AllocatorInfo(
                "c", -1, "contig", "c", "b", Optional.empty(), OptionalInt.empty(), false,
                Optional.of(new AllocatorStatistics(1, 4096, 1 << 20, 1 << 19, 8192, 2, 1)), Map.of("base", "0x1000"));
        assertThat(AllocatorView.text(List.of(silent, fine))).isEqualTo(
                """
                ALLOCATOR    TYPE    PRIORITY  POOL  BIT  LIVE  USED  FREE  LARGEST  FAILED  BUNDLE
                x (standby)  bank    5         p     3    ?     ?     ?     ?        ?       my.bundle
                c            contig  -1        -     -    1     4K    1M    512K     2       b
                """);
        assertThat(AllocatorView.details(fine)).contains("  failed          2, of them by fragmentation 1\n")
                .endsWith("  base            0x1000\n");
        assertThat(AllocatorView.details(silent)).contains("  statistics      does not answer\n");
        assertThat(Json.write(AllocatorView.data(fine))).contains("\"priority\":-1,", "\"bit\":null", "\"highWater\":8192");
    }

    @Test
    void whereAllocatorsTakeMemoryFromStandsBelowThem() {
        Map<String, String> said = new LinkedHashMap<>();
        said.put("ram", "0x0..0xfff");
        said.put("source", "udmabuf");
        said.put("source not heap:system", "/dev/dma_heap/system: EACCES");
        said.put("lent udmabuf", "4K");
        AllocatorInfo system = new AllocatorInfo(
                "s", 1, "system", "s", "b", Optional.empty(), OptionalInt.empty(), false, Optional.empty(), said);
        assertThat(AllocatorView.text(List.of(system))).endsWith(
                """

                ALLOCATOR  MEMORY           FROM OR WHY
                s          takes            udmabuf
                s          not heap:system  /dev/dma_heap/system: EACCES
                s          lent udmabuf     4K
                """);
        assertThat(AllocatorView.details(system)).contains("  source not heap:system /dev/dma_heap/system: EACCES\n");
    }

    @Test
    void devicesWithTheAllocatorsThatAcceptThem() {
        DeviceInfo device = new DeviceInfo(
                "/soc/cam@1", Optional.empty(), List.of(DmaPath.of(ONE_SEGMENT), DmaPath.of(DmaConstraints.NEUTRAL)),
                Map.of("function", new String[] {"camera", "display"}, "family", "isp"), List.of("contig"));
        assertThat(DeviceView.text(List.of(device))).isEqualTo(
                """
                DEVICE  FUNCTION        FAMILY  ACCEPTED BY  REACHES MEMORY
                cam@1   camera,display  isp     contig       maxSegments=1 alt ...
                1 device
                """);
        assertThat(DeviceView.details(device)).contains("  reaches memory  1:1\n", "  accepted by     contig\n");
        assertThat(Json.write(DeviceView.data(device))).contains("\"function\":[\"camera\",\"display\"]");
    }

    @Test
    void whatTheMachineSaysAndWhatIsKnownBeyondItStandApart() {
        DeviceInfo camera = new DeviceInfo(
                "/sys/a/video0", Optional.empty(), List.of(DmaPath.of(DmaConstraints.NEUTRAL)),
                Map.of("node", "/dev/video0", "sysfs", "driver=cam"), List.of("system", "contig"));
        DeviceInfo engine = new DeviceInfo(
                "/sys/b/0000:00:01.0", Optional.empty(), List.of(DmaPath.of(DmaConstraints.NEUTRAL).withMaskBits(28)),
                Map.of("family", "edu", "sysfs", "maskBits=32 driver=none", "profile", "pci1234,11e8 maskBits=28"),
                List.of("contig"));
        assertThat(DeviceView.text(List.of(camera, engine))).isEqualTo(
                """
                DEVICE        NODE         FUNCTION  FAMILY  ACCEPTED BY    REACHES MEMORY  SYSFS SAYS               PROFILE SAYS
                video0        /dev/video0  -         -       system,contig  1:1             driver=cam               -
                0000:00:01.0  -            -         edu     contig         maskBits=28     maskBits=32 driver=none  pci1234,11e8 maskBits=28
                2 devices
                """);
    }

    @Test
    void emptyListsSayWhatToDo() {
        assertThat(DeviceView.text(List.of())).startsWith("no device: start with --board FILE.dtb");
        assertThat(AllocatorView.text(List.of())).startsWith("no allocator: start the bundles allocator.contig");
    }
}
