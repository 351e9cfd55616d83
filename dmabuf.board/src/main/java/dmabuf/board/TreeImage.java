// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.AddressRange;
import java.util.List;

/**
 * What a board's description holds.
 *
 * @param tree the tree
 * @param reservations the memory that is reserved outside of the tree, in the header of a flattened one
 */
record TreeImage(DeviceTree tree, List<AddressRange> reservations) {
    /** A tree of nothing but a root. */
    static final TreeImage EMPTY = new TreeImage(
            new DeviceTree(List.of(new TreeNode("", null, new Place.Offset(0)))), List.of());

    TreeImage {
        reservations = List.copyOf(reservations);
    }
}
