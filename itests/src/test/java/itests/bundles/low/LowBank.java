// SPDX-License-Identifier: Apache-2.0
package itests.bundles.low;

import dmabuf.api.Segment;
import dmabuf.api.spi.AllocationRequest;
import dmabuf.api.spi.Allocator;
import dmabuf.api.spi.AllocatorProperties;
import itests.bundles.bank.Bank;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;

/** One piece at the lowest free place of the bank at 0x20000000. */
@Component(service = Allocator.class, configurationPid = "test.low")
@AllocatorProperties(id = "bank", type = "bank", priority = 1000)
public final class LowBank extends Bank {
    @Activate
    public LowBank() {
        super(0x2000_0000L);
    }

    /** Says that a changed id or priority needs no other allocator. */
    @Modified
    void changed(Map<String, Object> properties) {}

    @Override
    protected Stream<List<Segment>> places(AllocationRequest request) {
        return starts(request.storageSize()).mapToObj(at -> List.of(new Segment(at, request.storageSize())));
    }
}
