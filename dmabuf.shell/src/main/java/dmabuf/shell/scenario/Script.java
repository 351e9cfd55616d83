// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import dmabuf.api.Segment;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a scripted allocator does, as its line says.
 *
 * @param accepts the devices it accepts; the one word all for every device, which is also the default
 * @param rejects the devices it does not
 * @param fails the reason it fails with
 * @param failures how often it fails before it serves
 * @param throwing whether it throws what no allocator should
 * @param hangs how long it takes
 * @param segments what it returns, right or wrong; empty for places of its range
 * @param range its addresses
 */
record Script(
        List<String> accepts,
        List<String> rejects,
        Optional<Reason> fails,
        long failures,
        boolean throwing,
        Duration hangs,
        List<Segment> segments,
        AddressRange range) {
    private static final long DEFAULT_BASE = 0x1_0000_0000L;
    private static final long DEFAULT_SIZE = 64L << 20;

    Script {
        accepts = List.copyOf(accepts);
        rejects = List.copyOf(rejects);
        segments = List.copyOf(segments);
    }

    /** Reads the words of a line; INVALID for a bad value, an error of the file for an unknown reason. */
    static Script of(int line, Options options) {
        String[] fails = options.text("fails").orElse("").split("\\*", 2);
        return new Script(
                options.text("accepts").map(Names::split).orElse(List.of("all")),
                options.names("rejects"),
                fails[0].isEmpty() ? Optional.empty() : Optional.of(reason(line, fails[0])),
                fails.length > 1 ? Quantity.parse(fails[1]) : Long.MAX_VALUE,
                options.has("throws"),
                Duration.ofMillis(Math.max(0, options.number("hangs").orElse(0))),
                options.names("segments").stream().map(Script::segment).toList(),
                AddressRange.ofSize(
                        options.number("base").orElse(DEFAULT_BASE), options.number("size").orElse(DEFAULT_SIZE)));
    }

    boolean acceptsAll() {
        return accepts.equals(List.of("all"));
    }

    private static Reason reason(int line, String word) {
        return Arrays.stream(Reason.values())
                .filter(reason -> reason.name().equals(word))
                .findFirst()
                .orElseThrow(() -> ScenarioError.unknown(
                        line, "reason", word, Arrays.stream(Reason.values()).map(Enum::name).toList()));
    }

    private static Segment segment(String text) {
        int plus = text.indexOf('+');
        if (plus < 0) {
            throw new DmaBufException(Reason.INVALID, "'" + text + "' is no segment: write address+length");
        }
        return new Segment(Quantity.parse(text.substring(0, plus)), Quantity.parse(text.substring(plus + 1)));
    }
}
