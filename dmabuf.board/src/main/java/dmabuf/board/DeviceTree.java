// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A whole device tree: its nodes and who can be pointed at. Immutable. */
final class DeviceTree {
    private final List<TreeNode> nodes;
    private final Map<Integer, TreeNode> byPhandle = new HashMap<>();

    /** Creates a tree of finished nodes, the root first, parents before their children. */
    DeviceTree(List<TreeNode> nodes) {
        this.nodes = List.copyOf(nodes);
        for (TreeNode node : this.nodes) {
            index(node, "phandle");
            index(node, "linux,phandle");
        }
    }

    /** Returns the root. */
    TreeNode root() {
        return nodes.getFirst();
    }

    /** Returns all nodes in the order of the tree, the root first. */
    List<TreeNode> nodes() {
        return nodes;
    }

    /** Returns the node that carries a phandle; of several, which no compiler writes, the first. */
    Optional<TreeNode> byPhandle(int phandle) {
        return Optional.ofNullable(byPhandle.get(phandle));
    }

    /** Returns a node by its path, for example {@code "/reserved-memory"}. */
    Optional<TreeNode> find(String path) {
        Optional<TreeNode> found = Optional.of(root());
        for (String name : path.split("/", -1)) {
            if (!name.isEmpty()) {
                found = found.flatMap(node -> node.child(name));
            }
        }
        return found;
    }

    /**
     * Returns what a list of phandles with specifiers points at, in order. It ends at the first entry that cannot be
     * read (a phandle of nobody, a target without its cell count, a specifier cut short), as Linux' loop over
     * {@code of_parse_phandle_with_args} does.
     *
     * @param property for example {@code "iommus"}
     * @param cellsProperty where a target says how long its specifier is, for example {@code "#iommu-cells"}
     */
    List<Reference> references(TreeNode node, String property, String cellsProperty) {
        List<Reference> references = new ArrayList<>();
        TreeProperty list = node.property(property).orElse(null);
        int at = 0;
        while (list != null && at < list.cellCount()) {
            Optional<TreeNode> target = byPhandle(list.cell(at)).filter(found -> found.has(cellsProperty));
            int cells = target.flatMap(found -> found.property(cellsProperty)).map(count -> count.cell(0)).orElse(0);
            if (target.isEmpty() || cells > list.cellCount() - at - 1) {
                break;
            }
            references.add(new Reference(target.get(), specifier(list, at + 1, cells)));
            at += 1 + cells;
        }
        return references;
    }

    private static List<Integer> specifier(TreeProperty list, int first, int cells) {
        List<Integer> specifier = new ArrayList<>();
        for (int i = first; i < first + cells; i++) {
            specifier.add(list.cell(i));
        }
        return specifier;
    }

    private void index(TreeNode node, String property) {
        node.property(property)
                .filter(value -> value.bytes().limit() == Integer.BYTES)
                .map(value -> value.cell(0))
                .filter(phandle -> phandle != 0 && phandle != -1)
                .ifPresent(phandle -> byPhandle.putIfAbsent(phandle, node));
    }

    /**
     * A node that another points at.
     *
     * @param target the node
     * @param specifier the cells behind the phandle
     */
    record Reference(TreeNode target, List<Integer> specifier) {
        Reference {
            specifier = List.copyOf(specifier);
        }
    }
}
