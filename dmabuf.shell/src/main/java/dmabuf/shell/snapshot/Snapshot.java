// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.snapshot;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.BufferInfo;
import dmabuf.api.Exporter;
import dmabuf.api.HoldingInfo;
import dmabuf.api.OwnerInfo;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * What was there and who held it at one moment.
 *
 * @param taken when
 * @param buffers the living buffers
 * @param holdings all that was open
 * @param owners who held something
 * @param allocators the allocators with their figures
 */
public record Snapshot(
        Instant taken, List<BufferInfo> buffers, List<HoldingInfo> holdings, List<OwnerInfo> owners,
        List<AllocatorInfo> allocators) {
    /** Copies the collections. */
    public Snapshot {
        buffers = List.copyOf(buffers);
        holdings = List.copyOf(holdings);
        owners = List.copyOf(owners);
        allocators = List.copyOf(allocators);
    }

    /** Takes one now. What changes meanwhile may be in one list and not yet in the other. */
    public static Snapshot of(Exporter exporter) {
        return new Snapshot(
                Instant.now().truncatedTo(ChronoUnit.MILLIS), exporter.buffers(), exporter.holdings(), exporter.owners(),
                exporter.allocators());
    }
}
