// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.view;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Segment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Constraints: only the fields that are stated, by the names that scenario files use. */
final class ConstraintsView {
    private ConstraintsView() {}

    static Map<String, Object> data(DmaConstraints from) {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (!from.addressRanges().equals(AddressRanges.ALL)) {
            fields.put(
                    "range",
                    from.addressRanges().intervals().stream().map(ConstraintsView::data).toList());
        }
        put(fields, "align", from.alignment(), 1);
        put(fields, "maxSegments", from.maxSegments());
        put(fields, "maxSegmentSize", from.maxSegmentSize());
        put(fields, "boundary", from.segmentBoundary());
        put(fields, "granule", from.granule(), 1);
        put(fields, "divisor", from.sizeDivisor(), 1);
        put(fields, "minSize", from.minSize(), 0);
        put(fields, "maxSize", from.maxSize());
        put(fields, "access", from.accessMask(), -1L);
        from.pools().ifPresent(names -> fields.put("pools", List.copyOf(names)));
        put(fields, "coherent", from.isCoherentRequired());
        put(fields, "secure", from.isSecureRequired());
        put(fields, "exclusive", from.isExclusive());
        return fields;
    }

    /** One way to memory: its constraints, and how it gets there. */
    static Map<String, Object> data(DmaPath path) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("iommu", path.iommu());
        fields.put("coherent", path.isCoherent());
        fields.put("maskBits", path.maskBits());
        fields.put("windows", path.windows().stream().map(BoardView::window).toList());
        fields.put("aperture", path.aperture().map(ConstraintsView::data));
        fields.put("constraints", data(path.constraints()));
        return fields;
    }

    static Map<String, Object> data(Segment segment) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("address", segment.address());
        fields.put("size", segment.byteSize());
        return fields;
    }

    private static Map<String, Object> data(AddressRange range) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("first", range.first());
        fields.put("last", range.last());
        return fields;
    }

    private static void put(Map<String, Object> fields, String name, long value, long neutral) {
        if (value != neutral) {
            fields.put(name, value);
        }
    }

    private static void put(Map<String, Object> fields, String name, OptionalLong value) {
        value.ifPresent(number -> fields.put(name, number));
    }

    private static void put(Map<String, Object> fields, String name, boolean value) {
        if (value) {
            fields.put(name, true);
        }
    }

    /** Returns the words of constraints, or a word for none at all. */
    static String text(DmaConstraints from) {
        String words = from.toString();
        return words.isEmpty() ? "none" : words;
    }
}
