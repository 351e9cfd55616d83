// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.view;

import dmabuf.api.BusWindow;
import dmabuf.api.Quantity;
import dmabuf.api.spi.Board;
import dmabuf.api.spi.Board.BoardAllocator;
import dmabuf.api.spi.Board.BoardDevice;
import dmabuf.api.spi.Board.BoardNode;
import dmabuf.shell.text.TextTable;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a device tree says. */
public final class BoardView {
    private BoardView() {}

    /** Returns an object for each node, or only for those that take part in DMA. */
    public static List<Map<String, Object>> nodes(Board board, boolean all) {
        return board.nodes().stream().filter(node -> all || node.dma()).map(BoardView::node).toList();
    }

    /** Returns what {@link #nodes} does, and an object for each device that no tree has. */
    public static List<Map<String, Object>> data(Board board, boolean all) {
        Stream<Map<String, Object>> found = withoutNode(board).stream().map(BoardView::device);
        return Stream.concat(nodes(board, all).stream(), found).toList();
    }

    /** Returns the devices that sysfs alone has. */
    private static List<BoardDevice> withoutNode(Board board) {
        Set<String> paths = board.nodes().stream().map(BoardNode::path).collect(Collectors.toSet());
        return board.devices().stream().filter(each -> !paths.contains(each.device().name())).toList();
    }

    private static Map<String, Object> device(BoardDevice device) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("path", device.device().name());
        Stream.of("node", "compatible", "sysfs", "iommuGroup", "profile")
                .forEach(key -> fields.put(key, Words.of(device.properties().get(key))));
        fields.put("paths", device.device().paths().stream().map(ConstraintsView::data).toList());
        return fields;
    }

    private static Map<String, Object> node(BoardNode node) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("path", node.path());
        fields.put("compatible", node.compatible());
        fields.put("iommus", node.iommus());
        fields.put("coherent", node.coherent());
        fields.put("windows", node.windows().stream().map(BoardView::window).toList());
        fields.put("memoryRegions", node.memoryRegions());
        fields.put("constraints", ConstraintsView.data(node.constraints()));
        fields.put("profile", node.profile());
        return fields;
    }

    static Map<String, Object> window(BusWindow window) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("bus", window.bus());
        fields.put("cpu", window.cpu());
        fields.put("size", window.byteSize());
        return fields;
    }

    /** Returns the board on one screen: its memory, and the devices whose purpose is known; with all, every node. */
    public static String text(String file, Board board, boolean all) {
        StringBuilder text = new StringBuilder();
        text.append(board.model().isEmpty() ? "(no model)" : board.model()).append("  (").append(file).append(")\n\n");
        text.append("Memory\n").append(allocators(board).format(2)).append('\n');
        List<BoardDevice> found = withoutNode(board);
        if (found.isEmpty() || !board.nodes().isEmpty()) {
            text.append(all ? everyNode(board) : devices(board)).append(found.isEmpty() ? "" : "\n");
        }
        return found.isEmpty() ? text.toString() : text + found(found);
    }

    /** What holds stands before what the running machine says and what is known beyond it. */
    private static String found(List<BoardDevice> devices) {
        TextTable table = new TextTable("DEVICE", "NODE", "REACHES MEMORY", "SYSFS SAYS", "PROFILE SAYS", "IOMMU GROUP");
        for (BoardDevice each : devices) {
            Map<String, Object> seen = each.properties();
            table.row(
                    Words.shortName(each.device().name()), Words.of(seen.get("node")),
                    each.device().paths().getFirst().toString(), Words.of(seen.get("sysfs")),
                    Words.of(seen.get("profile")), Words.shortName(Words.of(seen.get("iommuGroup"))));
        }
        return Words.count(devices.size(), "device") + " that sysfs has:\n" + table.format(2);
    }

    private static TextTable allocators(Board board) {
        TextTable table = new TextTable("ALLOCATOR", "TYPE", "PRIORITY", "POOL", "WHAT IT HAS");
        for (BoardAllocator each : board.allocators()) {
            table.row(
                    each.spec().id(), each.spec().type(), Integer.toString(each.spec().priority()),
                    each.spec().pool().orElse(""), configuration(each.configuration()));
        }
        return table;
    }

    private static String configuration(Map<String, String> from) {
        String words = new TreeMap<>(from).entrySet().stream()
                .map(entry -> entry.getKey() + "=" + value(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(" "));
        return Words.shortened(words, 100);
    }

    /** Addresses in hexadecimal, sizes with a multiplier. */
    private static String value(String key, String value) {
        boolean decimal = value.chars().allMatch(Character::isDigit) && !value.isEmpty();
        return switch (key) {
            case "base" -> decimal ? Quantity.hex(Quantity.parse(value)) : value;
            case "size" -> decimal ? Quantity.format(Quantity.parse(value)) : value;
            default -> value;
        };
    }

    private static String devices(Board board) {
        Map<String, Map<String, Object>> properties = new HashMap<>();
        board.devices().forEach(each -> properties.put(each.device().name(), each.properties()));
        List<BoardNode> dma = board.nodes().stream().filter(BoardNode::dma).toList();
        List<BoardNode> known = dma.stream().filter(node -> node.profile().isPresent()).toList();
        TextTable table = new TextTable("DEVICE", "FUNCTION", "PROFILE", "WINDOW", "IOMMU", "CONSTRAINTS");
        for (BoardNode node : known) {
            Map<String, Object> seen = properties.getOrDefault(node.path(), Map.of());
            table.row(
                    Words.shortName(node.path()), Words.of(seen.get("function")), node.profile().orElse(""),
                    windows(node), iommus(node), Words.shortened(node.constraints().toString(), 60));
        }
        String heading = dma.size() + " devices take part in DMA; these are known by a profile:\n";
        String others = others(dma, known);
        return (table.isEmpty() ? dma.size() + " devices take part in DMA; no profile knows one of them.\n"
                : heading + table.format(2)) + others;
    }

    private static String others(List<BoardNode> dma, List<BoardNode> known) {
        List<String> names = dma.stream()
                .filter(node -> !known.contains(node))
                .map(node -> Words.shortName(node.path()))
                .toList();
        return names.isEmpty()
                ? ""
                : "\nThe others (--all lists every node, --json everything):\n"
                        + Words.wrapped(String.join(" ", names), 2, 100, 6);
    }

    private static String everyNode(Board board) {
        TextTable table = new TextTable("NODE", "DMA", "PROFILE", "WINDOW", "IOMMU", "COHERENT", "MEMORY-REGION");
        for (BoardNode node : board.nodes()) {
            table.row(
                    node.path(), node.dma() ? "yes" : "no", node.profile().orElse(""), windows(node), iommus(node),
                    node.coherent() ? "yes" : "no", shortNames(node.memoryRegions()));
        }
        return "Every enabled node\n" + table.format(2);
    }

    private static String windows(BoardNode node) {
        return node.windows().isEmpty()
                ? "1:1"
                : node.windows().stream()
                        .map(window -> window.busRange() + "@" + Quantity.hex(window.cpu()))
                        .collect(Collectors.joining(","));
    }

    private static String iommus(BoardNode node) {
        return shortNames(node.iommus());
    }

    private static String shortNames(Collection<String> paths) {
        return paths.stream().map(Words::shortName).collect(Collectors.joining(","));
    }
}
