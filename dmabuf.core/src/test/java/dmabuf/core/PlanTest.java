// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static org.assertj.core.api.Assertions.assertThat;

import dmabuf.api.BufferRequest;
import dmabuf.api.Device;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Explanation;
import dmabuf.api.Plan;
import dmabuf.api.Reason;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The dry run answers what a first map would, and leaves nothing. */
class PlanTest {
    private final Bench bench = new Bench();
    private final PoolAllocator pool = bench.pool("pool", 0, 0x1000_0000L);

    @AfterEach
    void nothingIsLeft() {
        assertThat(bench.memory.inUse()).isZero();
        assertThat(pool.statistics().live()).isZero();
        assertThat(bench.exporter.buffers()).isEmpty();
        bench.close();
    }

    @Test
    void aPlanNamesTheAllocatorAndTheTableOfEachDevice() {
        TestMapper mapper = new TestMapper("smmu");
        bench.sandbox.addMapper(mapper);
        bench.device("pieces", "maxSegmentSize=4K");
        bench.sandbox.addDevice(
                Device.of("gpu", List.of(Bench.path("").withIommu("smmu"))), Map.of());
        Plan plan = bench.exporter.plan(BufferRequest.ofSize(8000), List.of("pieces", "gpu"));
        assertThat(plan.refusal()).isEmpty();
        assertThat(plan.allocator()).hasValue("pool");
        assertThat(plan.devices()).containsExactly("pieces", "gpu");
        assertThat(plan.tables().get("pieces").segments()).hasSize(2);
        assertThat(plan.tables().get("gpu").contiguousAddress()).hasValue(0x10_0000);
        assertThat(plan.constraints().orElseThrow()).isEqualTo(DmaConstraints.parse(
                "maxSegmentSize=4K granule=4K range=0x0..0xffffffffff"));
        assertThat(mapper.mapped).isEmpty();
    }

    @Test
    void aRefusalNamesTheSingleChangeThatWouldDo() {
        bench.device("low", "range=0x0..0xffffff").device("aligned", "align=64K");
        Explanation refusal = refusal(4096, "low", "aligned");
        assertThat(refusal.reason()).isEqualTo(Reason.NO_ALLOCATOR);
        assertThat(refusal.fits().orElseThrow()).hasToString("low.range");
    }

    @Test
    void aloneMeansAlone() {
        bench.devices("cam").device("lonely", "exclusive");
        Explanation refusal = refusal(4096, "cam", "lonely");
        assertThat(refusal.reason()).isEqualTo(Reason.BUSY);
        assertThat(refusal.fits().orElseThrow()).hasToString("lonely.exclusive");
    }

    @Test
    void partsWhosePoolsDoNotMeetPointToTheirParent() {
        bench.device("dc", "pools=a,b");
        for (String part : List.of("a", "b")) {
            bench.sandbox.addDevice(
                    Device.ofParent("dc/" + part, List.of(Bench.path("pools=" + part)), "dc"), Map.of());
        }
        Explanation refusal = refusal(4096, "dc/a", "dc/b");
        assertThat(refusal.reason()).isEqualTo(Reason.INCOMPATIBLE);
        assertThat(refusal.fits().orElseThrow()).hasToString("dc.pools");
    }

    @Test
    void noChangeHelpsAgainstASizeThatNobodyHas() {
        bench.devices("cam");
        Explanation refusal = refusal(1L << 40, "cam");
        assertThat(refusal.reason()).isEqualTo(Reason.OUT_OF_MEMORY);
        assertThat(refusal.fits()).isEmpty();
    }

    @Test
    void whatTheDevicesAgreeOnIsToldAlsoWhereNobodyHasRoom() {
        bench.device("aligned", "align=64K");
        Plan plan = bench.exporter.plan(BufferRequest.ofSize(1L << 40), List.of("aligned"));
        assertThat(plan.refusal()).isPresent();
        assertThat(plan.constraints()).hasValue(DmaConstraints.parse("align=64K"));
    }

    @Test
    void aFlagThatNobodyKnowsIsRefusedAsForABuffer() {
        Plan plan = bench.exporter.plan(BufferRequest.ofSize(1).withFlags(List.of("TILED")), List.of());
        assertThat(plan.refusal().orElseThrow().reason()).isEqualTo(Reason.INVALID);
        assertThat(plan.refusal().orElseThrow().text())
                .isEqualTo("flag TILED is known neither to the runtime nor to an allocator");
    }

    @Test
    void aMergeNeedsNoSize() {
        bench.device("a", "maxSegments=4 divisor=48").device("b", "maxSegments=2 divisor=64");
        assertThat(bench.exporter.merge(List.of("a", "b", "a")))
                .isEqualTo(DmaConstraints.parse("maxSegments=2 divisor=192"));
        assertThat(bench.exporter.merge(List.of())).isEqualTo(DmaConstraints.NEUTRAL);
    }

    private Explanation refusal(long byteSize, String... devices) {
        Plan plan = bench.exporter.plan(BufferRequest.ofSize(byteSize), List.of(devices));
        assertThat(plan.allocator()).isEmpty();
        return plan.refusal().orElseThrow();
    }
}
