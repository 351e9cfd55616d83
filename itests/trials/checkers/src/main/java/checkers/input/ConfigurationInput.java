// SPDX-License-Identifier: Apache-2.0
package checkers.input;

import allocator.contig.ContigDoor;
import allocator.iommu.IommuDoor;
import allocator.system.SystemDoor;
import dmabuf.board.BoardDoor;
import dmabuf.core.CoreDoor;
import dmabuf.core.quota.QuotaRule;
import dmabuf.shell.log.LogDoor;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Configurations: the first line is a PID, each further one {@code key=text}, {@code key[]=one|two} for an array,
 * {@code key()=one|two} for a collection, {@code key#=7} for a number or {@code key?=true} for a flag.
 */
public final class ConfigurationInput {
    private static final Map<String, Consumer<Map<String, Object>>> READERS = Map.of(
            "allocator.contig", ContigDoor::read,
            "allocator.iommu", IommuDoor::read,
            "allocator.system", SystemDoor::read,
            "dmabuf.board", BoardDoor::readBoard,
            "dmabuf.core", CoreDoor::read,
            "dmabuf.device", BoardDoor::readDevice,
            "dmabuf.log", LogDoor::read,
            "dmabuf.quota", QuotaRule::of);

    private ConfigurationInput() {}

    /** Takes an input of the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        List<String> lines = new String(input, StandardCharsets.UTF_8).lines().toList();
        Map<String, Object> configuration = new HashMap<>();
        lines.stream().skip(1).forEach(line -> add(configuration, line));
        Consumer<Map<String, Object>> reader = READERS.get(lines.isEmpty() ? "" : lines.getFirst());
        if (reader != null) {
            Documented.orInvalid(() -> {
                reader.accept(configuration);
                return configuration;
            });
        }
    }

    private static void add(Map<String, Object> configuration, String line) {
        int equals = Math.max(0, line.indexOf('='));
        String key = line.substring(0, equals);
        String text = line.substring(Math.min(line.length(), equals + 1));
        if (key.endsWith("[]")) {
            configuration.put(key.substring(0, equals - 2), text.split("\\|", -1));
        } else if (key.endsWith("()")) {
            configuration.put(key.substring(0, equals - 2), List.of(text.split("\\|", -1)));
        } else if (key.endsWith("#")) {
            configuration.put(key.substring(0, equals - 1), number(text));
        } else if (key.endsWith("?")) {
            configuration.put(key.substring(0, equals - 1), text.equals("true"));
        } else {
            configuration.put(key, text);
        }
    }

    /** Returns a number of some type; Configuration Admin knows all of them, and arrays of primitives. */
    private static Object number(String text) {
        int hash = text.hashCode();
        return switch (text.length()) {
            case 1 -> hash;
            case 2 -> (long) hash * hash;
            case 3 -> (short) hash;
            case 4 -> new int[] {hash, -1};
            case 5 -> new long[0];
            case 6 -> Double.longBitsToDouble(hash * 0x9e3779b97f4a7c15L);
            default -> Float.intBitsToFloat(hash);
        };
    }
}
