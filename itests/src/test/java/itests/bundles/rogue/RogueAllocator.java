// SPDX-License-Identifier: Apache-2.0
package itests.bundles.rogue;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import dmabuf.api.spi.Allocation;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorProperties;
import dmabuf.api.spi.AllocatorStatistics;
import dmabuf.api.spi.CompactionRequest;
import dmabuf.api.spi.MemoryService;
import dmabuf.api.spi.Participant;
import itests.bundles.bank.Bank;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;

/**
 * A bank at 0x20000000 that misbehaves in one method as its configuration says: {@code fault=allocate:overlap},
 * {@code fault=match:OutOfMemoryError}, {@code fault=release:hang} and so on. It hangs until the latch opens.
 */
@Component(service = Allocator.class, configurationPid = "test.rogue")
@AllocatorProperties(id = "rogue", type = "rogue", priority = 1001)
public final class RogueAllocator extends Bank {
    private final MemoryService memory;
    private final CountDownLatch latch;
    private volatile String method = "";
    private volatile String kind = "";

    @Activate
    public RogueAllocator(
            @Reference MemoryService memory, @Reference CountDownLatch latch, Map<String, Object> configuration) {
        super(0x2000_0000L);
        this.memory = memory;
        this.latch = latch;
        configure(configuration);
    }

    @Modified
    void configure(Map<String, Object> configuration) {
        String fault = configuration.getOrDefault("fault", "none:none").toString();
        int colon = fault.indexOf(':');
        method = fault.substring(0, colon);
        kind = fault.substring(colon + 1);
    }

    @Override
    protected Stream<List<Segment>> places(AllocationRequest request) {
        return starts(request.storageSize()).mapToObj(at -> List.of(new Segment(at, request.storageSize())));
    }

    @Override
    public boolean match(Participant device) {
        misbehave("match");
        return super.match(device);
    }

    @Override
    public Allocation allocate(AllocationRequest request) {
        misbehave("allocate");
        if (method.equals("compact")) {
            throw new DmaBufException(Reason.FRAGMENTED, "compact me");
        }
        Allocation honest = super.allocate(request);
        return method.equals("allocate") ? new Lies(memory, request, honest).tell(kind) : honest;
    }

    @Override
    public void release(Allocation allocation) {
        misbehave("release");
        super.release(allocation);
    }

    @Override
    public AllocatorStatistics statistics() {
        misbehave("statistics");
        return super.statistics();
    }

    @Override
    public void compact(CompactionRequest request) {
        misbehave("compact");
    }

    @Override
    public Map<String, String> describe() {
        misbehave("describe");
        return Map.of("fault", method + ":" + kind);
    }

    private void misbehave(String here) {
        if (here.equals(method)) {
            Outbursts.of(kind, latch);
        }
    }
}
