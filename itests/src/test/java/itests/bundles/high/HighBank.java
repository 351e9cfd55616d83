// SPDX-License-Identifier: Apache-2.0
package itests.bundles.high;

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

/** The bank at 0x30000000, pages in descending order: no two pieces of a buffer join. */
@Component(service = Allocator.class, configurationPid = "test.high")
@AllocatorProperties(id = "bank", type = "bank", priority = 1000)
public final class HighBank extends Bank {
    @Activate
    public HighBank() {
        super(0x3000_0000L);
    }

    /** Says that a changed id or priority needs no other allocator. */
    @Modified
    void changed(Map<String, Object> properties) {}

    @Override
    protected Stream<List<Segment>> places(AllocationRequest request) {
        long page = request.pageSize();
        long pages = request.storageSize() / page;
        return starts(request.storageSize())
                .mapToObj(start -> Stream.iterate(pages - 1, number -> number >= 0, number -> number - 1)
                        .map(number -> new Segment(start + number * page, page))
                        .toList());
    }
}
