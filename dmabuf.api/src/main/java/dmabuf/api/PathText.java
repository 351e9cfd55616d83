// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The text form of a way to memory: the words of constraints, and the way's own. */
final class PathText {
    private static final String COHERENT = "dmaCoherent";
    private static final List<String> OWN = List.of("iommu", "maskBits", "aperture", "window", "offset", COHERENT);
    static final List<String> WORDS = Stream.concat(ConstraintText.FIELDS.stream(), OWN.stream()).toList();
    private static final Set<String> FLAGS =
            Stream.concat(ConstraintText.FLAGS.stream(), Stream.of(COHERENT)).collect(Collectors.toUnmodifiableSet());

    private PathText() {}

    static DmaPath parse(String text) {
        return read(ConstraintText.words(text, FLAGS));
    }

    static DmaPath read(Map<String, String> words) {
        DmaConstraintsBuilder constraints = DmaConstraints.builder();
        Map<String, String> own = new LinkedHashMap<>();
        words.forEach((key, value) -> {
            if (!WORDS.contains(key)) {
                throw ConstraintText.unknown(key, WORDS);
            } else if (OWN.contains(key)) {
                own.put(key, value);
            } else {
                value(words, key, text -> set(constraints, key, text));
            }
        });
        return path(DmaPath.of(constraints.build()), own);
    }

    private static DmaConstraintsBuilder set(DmaConstraintsBuilder constraints, String key, String value) {
        ConstraintText.set(constraints, key, value);
        return constraints;
    }

    private static DmaPath path(DmaPath plain, Map<String, String> own) {
        if (own.containsKey("window") && own.containsKey("offset")) {
            throw invalid("offset=" + own.get("offset") + " is a window by itself: state it or window="
                    + own.get("window") + ", not both");
        }
        // The IOMMU first: it decides in which space the others are.
        DmaPath path = value(own, "iommu", PathText::name).map(plain::withIommu).orElse(plain);
        path = value(own, "window", PathText::windows).map(path::withWindows).orElse(path);
        path = value(own, "offset", PathText::offset).map(path::withWindows).orElse(path);
        path = value(own, "maskBits", PathText::bits).map(path::withMaskBits).orElse(path);
        path = value(own, "aperture", AddressRange::parse).map(path::withAperture).orElse(path);
        return value(own, COHERENT, ConstraintText::truth).map(path::withCoherent).orElse(path);
    }

    /** Returns what a word says, or empty where it is absent; INVALID with the word for a bad one. */
    private static <T> Optional<T> value(Map<String, String> words, String key, Function<String, T> reader) {
        try {
            return Optional.ofNullable(words.get(key)).map(reader);
        } catch (DmaBufException e) {
            String why = e.explanation().text();
            throw why.startsWith(key + "=") ? e : invalid(key + "=" + words.get(key) + ": " + why);
        }
    }

    private static String name(String text) {
        if (text.isBlank()) {
            throw invalid("the domain has no name");
        }
        return text;
    }

    private static int bits(String text) {
        return Math.clamp(Quantity.parse(text), -1, Integer.MAX_VALUE);
    }

    private static List<BusWindow> windows(String text) {
        return Stream.of(text.split(",", -1)).map(PathText::window).toList();
    }

    private static BusWindow window(String text) {
        int at = text.indexOf('@');
        if (at < 0) {
            throw invalid("'" + text + "' is no window: write lo..hi@cpu, the bus addresses and the CPU address of lo");
        }
        AddressRange bus = AddressRange.parse(text.substring(0, at));
        return new BusWindow(bus.first(), Quantity.parse(text.substring(at + 1)), bus.byteSize());
    }

    /** Device address = CPU address - offset, for all addresses for which it is one. */
    private static List<BusWindow> offset(String text) {
        boolean negative = text.startsWith("-");
        long distance = Quantity.parse(negative ? text.substring(1) : text);
        if (distance == 0) {
            return List.of();
        }
        return List.of(negative ? new BusWindow(distance, 0, -distance) : new BusWindow(0, distance, -distance));
    }

    static String format(DmaPath path) {
        List<String> words = new ArrayList<>();
        path.maskBits().ifPresent(bits -> words.add("maskBits=" + bits));
        if (!path.windows().isEmpty()) {
            words.add("window=" + path.windows().stream().map(PathText::format).collect(Collectors.joining(",")));
        }
        path.iommu().ifPresent(domain -> words.add("iommu=" + domain));
        path.aperture().ifPresent(inside -> words.add("aperture=" + inside));
        if (path.isCoherent()) {
            words.add(COHERENT);
        }
        words.add(path.constraints().toString());
        return String.join(" ", words).strip();
    }

    private static String format(BusWindow window) {
        return window.busRange() + "@" + Quantity.hex(window.cpu());
    }

    private static DmaBufException invalid(String message) {
        return new DmaBufException(Reason.INVALID, message);
    }
}
