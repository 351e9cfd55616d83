// SPDX-License-Identifier: Apache-2.0
package itests;

import static itests.Stage.FIRST;
import static itests.Stage.MIB;
import static itests.Stage.patiently;
import static itests.Stage.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dmabuf.api.Attachment;
import dmabuf.api.Attempt;
import dmabuf.api.BufferRequest;
import dmabuf.api.BufferState;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.Device;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Reason;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.MemoryService;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** Sizes of all kinds, the cap, foreign code that hangs, names that are not: each with its documented answer. */
public class LimitsIT extends GatewayConfiguration {
    private static final long BASE = 0x2_0000_0000L;

    private Stage stage;
    private MemoryService memory;
    private long inUse;

    @Before
    public void setUp() {
        stage = new Stage(context);
        memory = Stage.service(context, MemoryService.class, null);
        inUse = memory.inUse();
        stage.device("any", "");
        stage.device("single", "maxSegments=1");
    }

    @After
    public void tearDown() throws Exception {
        stage.close();
        patiently().untilAsserted(() -> assertThat(memory.inUse()).as("bytes in use").isEqualTo(inUse));
    }

    @Test
    public void sizesBelowOneAreRefusedWithTheirValue() {
        for (long size : new long[] {0, -1, Long.MIN_VALUE}) {
            DmaBufException refused = refusal(() -> stage.buffer(size));
            assertThat(refused.reason()).isEqualTo(Reason.INVALID);
            assertThat(refused)
                    .hasMessage("size=" + size + " is not allowed: a buffer has at least 1 byte, at most 2^63-1");
        }
    }

    @Test
    public void whatIsLargerThanAllMemoryIsOutOfMemory() {
        for (long size : new long[] {1L << 40, Long.MAX_VALUE - 4095, Long.MAX_VALUE}) {
            DmaBuf buffer = stage.buffer(size);
            assertThat(buffer.info().byteSize()).isEqualTo(size);
            try (Attachment any = buffer.attach("any")) {
                DmaBufException refused = refusal(() -> any.map(Direction.TO_DEVICE));
                assertThat(refused.reason()).as(refused.getMessage()).isEqualTo(Reason.OUT_OF_MEMORY);
                assertThat(refused.explanation().blames()).extracting("name").contains("system", "contig");
            }
            assertThat(buffer.info().state()).isEqualTo(BufferState.DEFERRED);
            assertThat(refusal(() -> buffer.beginCpuAccess(CpuMode.READ)).reason()).isEqualTo(Reason.OUT_OF_MEMORY);
            buffer.close();
        }
    }

    @Test
    public void oddSizesAreRoundedToPagesAndReportedAsAsked() {
        for (long size : new long[] {1, 4095, 4096, 4097, 65_537}) {
            DmaBuf buffer = stage.buffer(size);
            buffer.attach("single").map(Direction.TO_DEVICE);
            assertThat(buffer.byteSize()).isEqualTo(size);
            assertThat(buffer.info().storageSize()).isEqualTo((size + 4095) / 4096 * 4096);
            assertThat(Pattern.fill(buffer, size)).isEqualTo(Pattern.read(buffer));
        }
    }

    @Test
    public void theCapHoldsAndChangesAtOnce() {
        DmaBuf small = stage.buffer(MIB);
        Pattern.fill(small, 1);
        stage.configure("dmabuf.core", Map.of("cap", "3M"));
        patiently().alias("the cap is known").until(this::isRefused);
        DmaBuf large = stage.buffer(3 * MIB);
        assertThat(refusal(() -> touch(large))).hasMessageContaining("cap of 3M");
        small.close();
        touch(large);
    }

    /** A buffer of its own each time: one that got its storage before would keep it. */
    private boolean isRefused() {
        try (DmaBuf probe = stage.buffer(3 * MIB)) {
            touch(probe);
            return false;
        } catch (DmaBufException e) {
            return e.reason() == Reason.OUT_OF_MEMORY;
        }
    }

    private static void touch(DmaBuf buffer) {
        buffer.beginCpuAccess(CpuMode.READ).close();
    }

    @Test
    public void anAllocatorThatHangsHarmsOnlyItsOwnRequest() {
        stage.configure("dmabuf.core", Map.of("foreignDeadlineMillis", 200L));
        Bank hanging = new Bank(BASE, 16 * MIB);
        CountDownLatch never = new CountDownLatch(1);
        hanging.allocating = request -> {
            try {
                never.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            throw new IllegalStateException("too late");
        };
        stage.register(Allocator.class, hanging, Bank.properties("hangs", FIRST));
        stage.device("far", "range=0x200000000..0x200ffffff");
        try {
            DmaBuf buffer = stage.buffer(4096);
            touch(buffer);
            assertThat(buffer.info().allocator()).contains("system");
            assertThat(buffer.info().lastDecision().getFirst().failure()).contains(Reason.TIMED_OUT);
            Attachment far = stage.buffer(4096).attach("far");
            DmaBufException refused = refusal(() -> far.map(Direction.TO_DEVICE));
            assertThat(refused.reason()).isEqualTo(Reason.TIMED_OUT);
            assertThat(refused.explanation().attempts()).extracting(Attempt::allocator).contains("hangs");
        } finally {
            never.countDown();
        }
    }

    @Test
    public void aNameThatIsNotThereIsInvalidAndTheNearOnesAreOffered() {
        DmaBuf buffer = stage.buffer(4096);
        DmaBufException refused = refusal(() -> buffer.attach("singel"));
        assertThat(refused.reason()).isEqualTo(Reason.INVALID);
        assertThat(refused).hasMessageContaining("singel").hasMessageContaining("single");
        assertThat(refusal(() -> buffer.attach("(family=none)")).reason()).isEqualTo(Reason.INVALID);
        assertThat(refusal(() -> buffer.attach("(family=")).reason()).isEqualTo(Reason.INVALID);
        assertThat(refusal(() -> stage.exporter().open(1_000_000)).reason()).isEqualTo(Reason.INVALID);
        assertThatThrownBy(() -> buffer.attach(List.of("any", "any"))).isInstanceOf(IllegalArgumentException.class);
        buffer.attach("any");
        assertThatThrownBy(() -> buffer.attach("any")).isInstanceOf(IllegalStateException.class);
        assertThat(buffer.info().attachments()).hasSize(1);
    }

    @Test
    public void rangesOutsideTheBufferAreRefusedWithoutOverflow() {
        DmaBuf buffer = stage.buffer(5000);
        long[][] ranges = {{0, 5001}, {5000, 1}, {4999, 2}, {Long.MAX_VALUE, 1}, {1, Long.MAX_VALUE}};
        for (long[] range : ranges) {
            assertThatThrownBy(() -> buffer.beginCpuAccess(CpuRequest.of(CpuMode.READ).withRange(range[0], range[1])))
                    .as("%d+%d", range[0], range[1])
                    .isInstanceOf(IllegalArgumentException.class);
        }
        buffer.beginCpuAccess(CpuRequest.of(CpuMode.READ).withRange(4999, 1)).close();
    }

    @Test
    public void aDeviceThatIsWrongByItselfIsRefusedAndHarmsNobody() {
        Device nameless = new Device() {
            @Override
            public String name() {
                throw new IllegalStateException("no name");
            }

            @Override
            public List<DmaPath> paths() {
                return List.of();
            }
        };
        stage.register(Device.class, nameless, Map.of(Device.NAME, "nameless"));
        stage.register(Device.class, Device.ofParent("part", List.of(DmaPath.of(DmaConstraints.parse("range=0..0xfff"))), "any"),
                Map.of(Device.NAME, "part"));
        assertThat(stage.exporter().devices()).extracting("name").contains("any", "part").doesNotContain("nameless");
        DmaBuf buffer = stage.buffer(BufferRequest.ofSize(4096));
        assertThat(refusal(() -> buffer.attach("nameless")).reason()).isEqualTo(Reason.INVALID);
        buffer.attach("any").map(Direction.TO_DEVICE).close();
    }
}
