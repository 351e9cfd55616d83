// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One node of a device tree. Immutable once its tree is built: only {@link TreeBuilder} adds to it.
 *
 * <p>Children and properties stand in the order of the tree; of a live tree, which has none, by name.
 */
final class TreeNode {
    private final String name;
    private final @Nullable TreeNode parent;
    private final Place place;
    private final String path;
    private final int depth;
    private final Map<String, TreeProperty> properties = new LinkedHashMap<>();
    private final Map<String, TreeNode> children = new LinkedHashMap<>();

    /** Creates a node that nobody but its builder knows yet. */
    TreeNode(String name, @Nullable TreeNode parent, Place place) {
        this.name = name;
        this.parent = parent;
        this.place = place;
        this.path = pathBelow(parent, name);
        this.depth = parent == null ? 0 : parent.depth + 1;
    }

    /** Returns the name with its unit address, for example {@code "video-codec@38300000"}; of the root, "". */
    String name() {
        return name;
    }

    /** Returns the name without its unit address. */
    String baseName() {
        int at = name.indexOf('@');
        return at < 0 ? name : name.substring(0, at);
    }

    /** Returns the path from the root, {@code "/"} for the root itself. */
    String path() {
        return path;
    }

    /** Returns the parent in the tree, or null for the root. */
    @Nullable TreeNode parent() {
        return parent;
    }

    /** Returns where the node stands. */
    Place place() {
        return place;
    }

    /** Returns the number of steps to the root. */
    int depth() {
        return depth;
    }

    /** Returns a property by its name. */
    Optional<TreeProperty> property(String wanted) {
        return Optional.ofNullable(properties.get(wanted));
    }

    /** Returns whether a property is there, with or without a value. */
    boolean has(String wanted) {
        return properties.containsKey(wanted);
    }

    /** Returns all properties. */
    Collection<TreeProperty> properties() {
        return Collections.unmodifiableCollection(properties.values());
    }

    /** Returns all children. */
    Collection<TreeNode> children() {
        return Collections.unmodifiableCollection(children.values());
    }

    /** Returns a child by its whole name. */
    Optional<TreeNode> child(String wanted) {
        return Optional.ofNullable(children.get(wanted));
    }

    /** Returns the strings of a property, none when it is absent. */
    List<String> strings(String property) {
        return property(property).map(TreeProperty::strings).orElse(List.of());
    }

    /** Returns the {@code compatible} strings, the most specific first; none when it is absent or empty. */
    List<String> compatible() {
        return strings("compatible");
    }

    /**
     * Returns whether the node is in use: {@code status} absent, {@code "okay"} or {@code "ok"} on it and on every
     * node above it. Source: contract section 8.
     */
    boolean isEnabled() {
        for (TreeNode node = this; node != null; node = node.parent) {
            Optional<TreeProperty> status = node.property("status");
            if (status.isPresent() && !status.get().says("okay") && !status.get().says("ok")) {
                return false;
            }
        }
        return true;
    }

    /** Adds a property; returns whether its name was free. */
    boolean add(TreeProperty property) {
        return properties.putIfAbsent(property.name(), property) == null;
    }

    /** Adds a child; returns whether its name was free. */
    boolean add(TreeNode child) {
        return children.putIfAbsent(child.name, child) == null;
    }

    private static String pathBelow(@Nullable TreeNode parent, String name) {
        if (parent == null) {
            return "/";
        }
        return parent.parent == null ? "/" + name : parent.path + "/" + name;
    }

    @Override
    public String toString() {
        return path();
    }
}
