// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import dmabuf.api.Device;
import dmabuf.api.DmaPath;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes a device of its line. Every method refuses a bad value with INVALID. */
final class DeviceLine {
    private DeviceLine() {}

    static Device device(Statement statement) {
        List<DmaPath> paths = statement.options().stream().map(DeviceLine::path).toList();
        return parent(statement)
                .map(parent -> Device.ofParent(statement.name(), paths, parent))
                .orElseGet(() -> Device.of(statement.name(), paths));
    }

    private static Optional<String> parent(Statement statement) {
        List<Options> all = statement.options();
        if (all.stream().skip(1).anyMatch(options -> options.text("parent").isPresent())) {
            throw new ScenarioError(
                    statement.line(), "'parent' stands after 'alt': a device has one parent, named in its first part");
        }
        return all.getFirst().text("parent");
    }

    private static DmaPath path(Options options) {
        Map<String, String> words = new LinkedHashMap<>(options.values());
        words.remove("parent");
        options.flags().forEach(flag -> words.put(flag, "true"));
        return DmaPath.ofWords(words);
    }
}
