// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.AddressRange;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads lists of address and size, as {@code reg} and {@code alloc-ranges} are. */
final class RegionList {
    /** Regions of one property; Linux keeps at most 64 reserved ones altogether (MAX_RESERVED_REGIONS). */
    static final int MAX_REGIONS = 64;

    private RegionList() {}

    /**
     * Returns the regions of a property, in order, those of size 0 left out; what remains at its end is ignored, as
     * Linux does.
     *
     * @param node whose property it is
     * @param name the property; absent is an empty list
     * @throws dmabuf.api.DmaBufException INVALID, with the place, when there are too many or one ends beyond 2^64
     */
    static List<AddressRange> of(TreeNode node, String name) {
        Optional<TreeProperty> property = node.property(name);
        List<AddressRange> regions = new ArrayList<>();
        int addressCells = CellCounts.parentAddress(node);
        int cells = addressCells + CellCounts.parentSize(node);
        if (property.isEmpty() || cells == 0) {
            return regions;
        }
        TreeProperty list = property.get();
        if (list.cellCount() / cells > MAX_REGIONS) {
            throw BrokenTree.in(list.place(), name + " of " + node + " has more than " + MAX_REGIONS + " regions");
        }
        for (int at = 0; at + cells <= list.cellCount(); at += cells) {
            long size = list.number(at + addressCells, cells - addressCells);
            if (size != 0) {
                regions.add(range(list.number(at, addressCells), size, node, list));
            }
        }
        return regions;
    }

    /** Returns a range; INVALID, with the place of the property that states it, when it ends beyond 2^64. */
    static AddressRange range(long first, long byteSize, TreeNode node, TreeProperty statedBy) {
        if (Long.compareUnsigned(first + byteSize - 1, first) < 0) {
            throw BrokenTree.in(
                    statedBy.place(), statedBy.name() + " of " + node + " has a region that ends beyond 2^64");
        }
        return AddressRange.ofSize(first, byteSize);
    }
}
