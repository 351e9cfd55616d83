// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How many 32-bit cells an address, a size or a specifier takes: the {@code #...-cells} properties.
 *
 * <p>A node without {@code #address-cells} or {@code #size-cells} takes its parent's, the root's default is 1, as
 * {@code of_bus_n_addr_cells} in drivers/of does on every machine but SPARC.
 */
final class CellCounts {
    /** Linux' bound (OF_MAX_ADDR_CELLS in drivers/of/address.c); the largest known is 3. */
    static final int MAX_ADDRESS_CELLS = 4;

    /** Linux' bound (MAX_PHANDLE_ARGS in include/linux/of.h); the largest known is 7. */
    static final int MAX_SPECIFIER_CELLS = 16;

    private static final String ADDRESS = "#address-cells";
    private static final String SIZE = "#size-cells";
    private static final List<String> USED = List.of(ADDRESS, SIZE, "#iommu-cells", "#interconnect-cells");
    private static final int DEFAULT = 1;

    private CellCounts() {}

    /** Returns the cells of an address on the bus that the node is, 0 to 4. */
    static int address(TreeNode bus) {
        return inherited(bus, ADDRESS);
    }

    /** Returns the cells of a size on the bus that the node is, 0 to 4. */
    static int size(TreeNode bus) {
        return inherited(bus, SIZE);
    }

    /** Returns the cells of an address on the bus above the node; above the root is the root. */
    static int parentAddress(TreeNode node) {
        return address(above(node));
    }

    /** Returns the cells of a size on the bus above the node; above the root is the root. */
    static int parentSize(TreeNode node) {
        return size(above(node));
    }

    /** Refuses with INVALID a node whose cell counts, as far as they are used here, are no number within the bounds. */
    static void check(TreeNode node) {
        for (String name : USED) {
            node.property(name).ifPresent(property -> check(node, property));
        }
    }

    private static void check(TreeNode node, TreeProperty property) {
        boolean isAddress = property.name().equals(ADDRESS) || property.name().equals(SIZE);
        int limit = isAddress ? MAX_ADDRESS_CELLS : MAX_SPECIFIER_CELLS;
        if (property.bytes().limit() != Integer.BYTES || Integer.compareUnsigned(property.cell(0), limit) > 0) {
            throw BrokenTree.in(
                    property.place(),
                    "absurd " + property.name() + " of " + node + ": one cell from 0 to " + limit + " is legal");
        }
    }

    private static TreeNode above(TreeNode node) {
        TreeNode parent = node.parent();
        return parent == null ? node : parent;
    }

    private static int inherited(TreeNode bus, String property) {
        for (@Nullable TreeNode node = bus; node != null; node = node.parent()) {
            if (node.has(property)) {
                return node.property(property).orElseThrow().cell(0);
            }
        }
        return DEFAULT;
    }
}
