// SPDX-License-Identifier: Apache-2.0
package allocator.iommu;

import dmabuf.api.Segment;
import java.util.List;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;

/** One piece of I/O virtual addresses and the physical segments behind it, where they are known. Immutable. */
final class Mapped {
    private final Segment piece;
    private final NavigableMap<Long, Segment> physicalByOffset = new TreeMap<>();

    Mapped(Segment piece, List<Segment> physical) {
        this.piece = piece;
        long offset = 0;
        for (Segment segment : physical) {
            physicalByOffset.put(offset, segment);
            offset += segment.byteSize();
        }
    }

    Segment piece() {
        return piece;
    }

    OptionalLong translate(long address) {
        long offset = address - piece.address();
        if (Long.compareUnsigned(offset, piece.byteSize()) >= 0) {
            return OptionalLong.empty();
        }
        var behind = physicalByOffset.floorEntry(offset);
        return behind == null
                ? OptionalLong.empty()
                : OptionalLong.of(behind.getValue().address() + (offset - behind.getKey()));
    }
}
