// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import static dmabuf.core.Bench.PAGE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dmabuf.api.Attachment;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.CpuRequest;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Exporter;
import dmabuf.api.FenceRequest;
import dmabuf.api.FenceSource;
import dmabuf.api.FenceUsage;
import dmabuf.api.HoldingInfo;
import dmabuf.api.HoldingKind;
import dmabuf.api.Mapping;
import dmabuf.api.OwnerInfo;
import dmabuf.api.QuotaInfo;
import dmabuf.api.StorageFile;
import dmabuf.api.UserMapping;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Everything that is open is listed, once, with whose it is, since when, and from where. */
class CensusTest {
    private final Bench bench = new Bench().device("cam", "");
    private final Exporter other = bench.sandbox.exporter("other");

    @BeforeEach
    void pool() {
        bench.pool("pool", 100, 0x8000_0000L);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private void level(String level) {
        bench.sandbox.core().configure(Settings.of(Map.of("leakLevel", level)));
    }

    private OwnerInfo owner(String name) {
        return bench.exporter.owners().stream().filter(owner -> owner.name().equals(name)).findFirst().orElseThrow();
    }

    @Test
    void eachKindIsCountedForWhoOpenedItUntilItIsClosed() {
        DmaBuf mine = bench.buffer(PAGE);
        DmaBuf theirs = other.share(mine);
        Attachment attachment = theirs.attach("cam");
        Mapping mapping = attachment.map(Direction.TO_DEVICE);
        StorageFile file = mapping.openFile();
        CpuAccess access = mine.beginCpuAccess(CpuMode.READ);
        UserMapping view = mine.mapForUser(CpuRequest.of(CpuMode.READ));
        FenceSource fence = mine.addFence(FenceRequest.of(FenceUsage.READ, Duration.ofMinutes(1)));
        assertThat(bench.exporter.owners()).extracting(OwnerInfo::name).containsExactly("app", "other");
        assertThat(owner("app").held()).containsExactlyInAnyOrderEntriesOf(Map.of(
                HoldingKind.REFERENCE, 1, HoldingKind.CPU_ACCESS, 1, HoldingKind.USER_MAPPING, 1, HoldingKind.FENCE, 1));
        assertThat(owner("app").buffers()).isEqualTo(1);
        assertThat(owner("app").pools()).containsExactly(new OwnerInfo.Pool("pool", PAGE, 1));
        assertThat(owner("other").held()).containsExactlyInAnyOrderEntriesOf(Map.of(
                HoldingKind.REFERENCE, 1, HoldingKind.ATTACHMENT, 1, HoldingKind.MAPPING, 1, HoldingKind.FILE, 1));
        assertThat(owner("other").pools()).containsExactly(new OwnerInfo.Pool("pool", 0, 1));
        assertThat(bench.exporter.holdings())
                .extracting(HoldingInfo::kind, HoldingInfo::owner, HoldingInfo::device)
                .containsExactlyInAnyOrder(
                        tuple(HoldingKind.REFERENCE, "app", Optional.empty()),
                        tuple(HoldingKind.REFERENCE, "other", Optional.empty()),
                        tuple(HoldingKind.ATTACHMENT, "other", Optional.of("cam")),
                        tuple(HoldingKind.MAPPING, "other", Optional.of("cam")),
                        tuple(HoldingKind.FILE, "other", Optional.of("cam")),
                        tuple(HoldingKind.CPU_ACCESS, "app", Optional.empty()),
                        tuple(HoldingKind.USER_MAPPING, "app", Optional.empty()),
                        tuple(HoldingKind.FENCE, "app", Optional.empty()));
        fence.signal();
        view.close();
        access.close();
        file.close();
        mapping.close();
        attachment.close();
        theirs.close();
        assertThat(bench.exporter.holdings()).singleElement().extracting(HoldingInfo::kind).isEqualTo(HoldingKind.REFERENCE);
        mine.close();
        assertThat(bench.exporter.holdings()).isEmpty();
        assertThat(bench.exporter.owners()).isEmpty();
    }

    @Test
    void anOwnerThatStoppedIsListedWhileOthersUseWhatItCreated() {
        DmaBuf theirs = other.share(bench.buffer(PAGE));
        theirs.beginCpuAccess(CpuMode.READ).close();
        bench.sandbox.removeOwner("app");
        assertThat(other.owners())
                .extracting(OwnerInfo::name, OwnerInfo::stopped, OwnerInfo::buffers, OwnerInfo::byteSize)
                .containsExactly(tuple("app", true, 1, 0L), tuple("other", false, 0, 0L));
        theirs.close();
        assertThat(other.owners()).isEmpty();
    }

    @Test
    void quotasAreToldWithTheirUse() {
        bench.sandbox.putQuota(Map.of("name", "all", "bytes", "1M"));
        bench.sandbox.putQuota(Map.of("name", "each", "parent", "all", "owners", "a*", "perOwner", true, "descriptors", 4));
        assertThat(bench.exporter.quotas()).extracting(QuotaInfo::name, QuotaInfo::byteSize, QuotaInfo::owner)
                .containsExactly(tuple("all", 0L, Optional.empty()), tuple("each", 0L, Optional.empty()));
        bench.buffer(PAGE).beginCpuAccess(CpuMode.READ).close();
        other.create(BufferRequest.ofSize(PAGE)).beginCpuAccess(CpuMode.READ).close();
        assertThat(owner("app").quotas())
                .extracting(QuotaInfo::name, QuotaInfo::byteSize, QuotaInfo::descriptors, QuotaInfo::owner)
                .containsExactly(tuple("all", PAGE, 1L, Optional.empty()), tuple("each", PAGE, 1L, Optional.of("app")));
        assertThat(owner("other").quotas()).isEmpty();
    }

    @Test
    void theLevelSaysWhatIsRecorded() {
        Instant before = Instant.now().minusMillis(1);
        level("off");
        bench.buffer(PAGE);
        level("simple");
        bench.buffer(PAGE);
        level("full");
        bench.buffer(PAGE);
        List<HoldingInfo> held = bench.exporter.holdings();
        assertThat(held).hasSize(3);
        assertThat(held.get(0).since()).isEmpty();
        assertThat(held.get(0).site()).isEmpty();
        assertThat(held.get(1).since().orElseThrow()).isBetween(before, Instant.now());
        assertThat(held.get(1).site()).isEmpty();
        assertThat(held.get(2).since()).isPresent();
        assertThat(held.get(2).site()).as("the core's own frames are left out, and these tests are of its package")
                .isNotEmpty()
                .noneMatch(frame -> frame.getClassName().startsWith("dmabuf.core."));
        assertThat(bench.exporter.holdings()).as("two pictures of the same").isEqualTo(held);
        assertThat(Bench.refusal(() -> level("much")).getMessage())
                .isEqualTo("leakLevel=much of dmabuf.core: write off, simple or full");
    }
}
