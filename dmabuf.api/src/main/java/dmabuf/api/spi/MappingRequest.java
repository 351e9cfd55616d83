// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.Segment;
import java.util.List;
import java.util.Objects;

/**
 * What a mapper is asked to map.
 *
 * @param device the device, whose own limits the place must honour
 * @param physical the storage's segments in CPU physical space, joined; empty where the kernel alone knows them
 * @param memory the memory behind them; it stays open until the mapping is undone
 * @param byteSize the bytes to map, from the beginning of the memory
 */
public record MappingRequest(Participant device, List<Segment> physical, Memory memory, long byteSize) {
    /** Copies the list. */
    public MappingRequest {
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(memory, "memory");
        physical = List.copyOf(physical);
    }
}
