// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.scenario;

import dmabuf.api.AttachmentInfo;
import dmabuf.api.Attempt;
import dmabuf.api.BufferInfo;
import dmabuf.api.DmaConstraints;
import dmabuf.api.Explanation;
import dmabuf.api.Plan;
import dmabuf.api.Quantity;
import dmabuf.api.Segment;
import dmabuf.api.SgTable;
import dmabuf.api.spi.AllocatorStatistics;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;

/** What the runtime reports, as facts: names and values as in files. */
final class Facts {
    private Facts() {}

    static Map<String, String> of(DmaConstraints from) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("range", from.addressRanges().toString());
        facts.put("align", Quantity.format(from.alignment()));
        facts.put("maxSegments", count(from.maxSegments()));
        facts.put("maxSegmentSize", limit(from.maxSegmentSize()));
        facts.put("boundary", limit(from.segmentBoundary()));
        facts.put("granule", Quantity.format(from.granule()));
        facts.put("divisor", Quantity.format(from.sizeDivisor()));
        facts.put("minSize", Quantity.format(from.minSize()));
        facts.put("maxSize", limit(from.maxSize()));
        facts.put("access", from.accessMask() == -1L ? FactType.NONE : Quantity.hex(from.accessMask()));
        facts.put("pools", from.pools().map(Facts::list).orElse(FactType.NONE));
        facts.put("coherent", flag(from.isCoherentRequired()));
        facts.put("secure", flag(from.isSecureRequired()));
        facts.put("exclusive", flag(from.isExclusive()));
        return facts;
    }

    static Map<String, String> of(BufferInfo info) {
        Map<String, String> facts = of(info.constraints());
        facts.put("state", info.state().name().toLowerCase(Locale.ROOT));
        facts.put("attached", list(info.attachments().stream().map(AttachmentInfo::device).toList()));
        facts.put("mapped", list(info.attachments().stream()
                .filter(attachment -> attachment.mappings() > 0)
                .map(AttachmentInfo::device)
                .toList()));
        facts.put("size", Long.toUnsignedString(info.byteSize()));
        facts.put("storage", Long.toUnsignedString(info.storageSize()));
        facts.put("allocator", info.allocator().orElse(FactType.NONE));
        facts.put("moves", Long.toUnsignedString(info.moves()));
        facts.put("orphaned", flag(info.orphaned()));
        return facts;
    }

    static Map<String, String> of(String allocator, SgTable table) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("allocator", allocator);
        List<Segment> segments = table.segments();
        facts.put("segments", Integer.toString(segments.size()));
        facts.put("contiguous", flag(table.isContiguous()));
        for (int i = 0; i < segments.size(); i++) {
            facts.put("segment" + i, segments.get(i).toString());
        }
        return facts;
    }

    static Map<String, String> of(AllocatorStatistics from) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("live", Long.toUnsignedString(from.live()));
        facts.put("used", Quantity.format(from.used()));
        facts.put("free", Quantity.format(from.free()));
        facts.put("largestFree", Quantity.format(from.largestFree()));
        facts.put("failed", Long.toUnsignedString(from.failed()));
        facts.put("failedByFragmentation", Long.toUnsignedString(from.failedByFragmentation()));
        return facts;
    }

    /** The segments are those of the first device named. */
    static Map<String, String> of(Plan plan) {
        Map<String, String> facts = plan.constraints().map(Facts::of).orElseGet(LinkedHashMap::new);
        if (plan.allocator().isPresent() && !plan.devices().isEmpty()) {
            SgTable table = plan.tables().get(plan.devices().getFirst());
            if (table != null) {
                facts.putAll(of(plan.allocator().get(), table));
            }
        }
        facts.put("allocator", plan.allocator().orElse(FactType.NONE));
        facts.put("tried", tried(plan.attempts()));
        return facts;
    }

    static Map<String, String> of(Explanation explanation) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("blames", list(explanation.blames().stream().map(Object::toString).toList()));
        facts.put("fits", explanation.fits().map(Object::toString).orElse(FactType.NONE));
        facts.put("tried", tried(explanation.attempts()));
        return facts;
    }

    /** The allocators that were asked to allocate, in order. */
    static String tried(List<Attempt> attempts) {
        return list(attempts.stream().filter(Attempt::asked).map(Attempt::allocator).toList());
    }

    static String list(Collection<String> names) {
        return names.isEmpty() ? FactType.NONE : String.join(",", names);
    }

    private static String limit(OptionalLong value) {
        return value.isPresent() ? Quantity.format(value.getAsLong()) : FactType.NONE;
    }

    private static String count(OptionalLong value) {
        return value.isPresent() ? Long.toUnsignedString(value.getAsLong()) : FactType.NONE;
    }

    private static String flag(boolean value) {
        return value ? "yes" : "no";
    }
}
