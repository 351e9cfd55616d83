// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.view;

import dmabuf.api.FenceInfo;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The fences that are pending on a buffer. */
final class FencesView {
    private FencesView() {}

    /** Returns a line for each, in the words of the kernel's bufinfo; nothing where there is none. */
    static String text(List<FenceInfo> fences) {
        return fences.stream().map(fence -> "        " + text(fence) + "\n").collect(Collectors.joining());
    }

    /** Returns one in words, for example {@code write fence decode of app, 250 ms left}. */
    static String text(FenceInfo fence) {
        return usage(fence) + " fence" + fence.name().map(name -> " " + name).orElse("") + " of " + fence.owner() + ", "
                + fence.remaining().toMillis() + " ms left";
    }

    private static String usage(FenceInfo fence) {
        return fence.usage().name().toLowerCase(Locale.ROOT);
    }

    /** Returns one as data. */
    static Map<String, Object> data(FenceInfo fence) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("usage", usage(fence));
        fields.put("owner", fence.owner());
        fields.put("name", fence.name());
        fields.put("remainingMillis", fence.remaining().toMillis());
        return fields;
    }
}
