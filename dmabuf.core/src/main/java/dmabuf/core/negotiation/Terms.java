// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.DmaPath;

/** What one device asks for on one of its ways. */
final class Terms {
    private Terms() {}

    /** Returns the facts of the IOMMU on a way; ideal ones where no mapper is present. */
    static MapperFacts facts(DmaPath path, Surroundings surroundings) {
        return path.iommu().flatMap(surroundings::mapper).orElse(MapperFacts.IDEAL);
    }

    static long larger(long a, long b) {
        return Long.compareUnsigned(a, b) >= 0 ? a : b;
    }
}
