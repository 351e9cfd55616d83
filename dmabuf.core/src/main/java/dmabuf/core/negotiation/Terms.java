// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.AccessBits;
import dmabuf.api.AddressRanges;
import dmabuf.api.ConstraintField;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaConstraintsBuilder;
import dmabuf.api.DmaPath;
import dmabuf.api.Quantity;
import dmabuf.api.spi.SegmentLimits;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What one device asks for on one of its ways, each part under the field that is to blame for it. Setting a field back
 * to neutral never asks for more, which the search for the smallest conflict rests upon. So the range and the aperture
 * are kept apart as the two sets of addresses that they leave, and a neutral IOMMU is one that limits nothing, not
 * none.
 *
 * @param direct whether the way is a bus, not an IOMMU
 * @param range the addresses that range, mask, offset and windows leave: CPU physical, or I/O virtual behind an IOMMU
 * @param aperture the addresses that the device's aperture leaves, in the same space
 * @param mapper the facts of the IOMMU
 * @param rest all other fields; its own range is neutral
 * @param contribution what it puts on the physical pages, which follows from the others, as what comes after it does
 * @param limits its segment limits, in its own space
 * @param space the addresses in which its own table lies: CPU physical, or I/O virtual behind an IOMMU; maybe none
 */
record Terms(
        boolean direct, AddressRanges range, AddressRanges aperture, MapperFacts mapper, DmaConstraints rest,
        DmaConstraints contribution, SegmentLimits limits, AddressRanges space) {
    private static final long NEUTRAL_MASK = DmaConstraints.NEUTRAL.accessMask();

    Terms(boolean direct, AddressRanges range, AddressRanges aperture, MapperFacts mapper, DmaConstraints rest) {
        this(
                direct, range, aperture, mapper, rest,
                direct ? within(range.intersect(aperture), rest) : behind(mapper, rest),
                SegmentLimits.of(rest),
                range.intersect(aperture).intersect(mapper.aperture()));
    }

    private static DmaConstraints within(AddressRanges range, DmaConstraints rest) {
        return range.equals(AddressRanges.ALL) ? rest : rest.toBuilder().addressRanges(range).build();
    }

    /** Returns the terms of a way as if no mapper limited it. */
    static Terms of(DmaPath path) {
        return new Terms(
                path.iommu().isEmpty(),
                path.rangeLimit(),
                path.apertureLimit(),
                MapperFacts.IDEAL,
                path.constraints().toBuilder().clear(ConstraintField.RANGE).build());
    }

    /** Returns these terms behind an IOMMU of these facts. */
    Terms behind(MapperFacts facts) {
        return new Terms(direct, range, aperture, facts, rest);
    }

    /** Returns the facts of the IOMMU on a way; ideal ones where no mapper is present. */
    static MapperFacts facts(DmaPath path, Surroundings surroundings) {
        return path.iommu().flatMap(surroundings::mapper).orElse(MapperFacts.IDEAL);
    }

    static long larger(long a, long b) {
        return Long.compareUnsigned(a, b) >= 0 ? a : b;
    }

    /**
     * Returns what all ways of a device have in common: the fields that are equal on all of them. Where they do not
     * lead through the same bus or IOMMU, the fields that mean an address or a table are not the same, even when
     * equal.
     */
    static Terms shared(List<Terms> ways) {
        Terms first = ways.getFirst();
        int equal = Fields.ALL;
        for (Terms way : ways) {
            equal &= first.equalFields(way);
        }
        return first.keeping(equal);
    }

    private int equalFields(Terms other) {
        int equal = 0;
        boolean sameSpace = direct == other.direct && mapper.equals(other.mapper);
        for (ConstraintField field : Fields.IN_ORDER) {
            boolean same = part(field).equals(other.part(field)) && (sameSpace || !isOfSpace(field));
            equal |= same ? Fields.bit(field) : 0;
        }
        return equal;
    }

    private static boolean isOfSpace(ConstraintField field) {
        return switch (field) {
            case RANGE, ALIGN, MAX_SEGMENTS, MAX_SEGMENT_SIZE, BOUNDARY, IOMMU, APERTURE -> true;
            case GRANULE, DIVISOR, MIN_SIZE, MAX_SIZE, ACCESS, POOLS, COHERENT, SECURE, EXCLUSIVE -> false;
        };
    }

    /** Returns these terms with every field neutral that is not among the given ones. */
    Terms keeping(int fields) {
        return new Terms(
                direct,
                Fields.has(fields, ConstraintField.RANGE) ? range : AddressRanges.ALL,
                Fields.has(fields, ConstraintField.APERTURE) ? aperture : AddressRanges.ALL,
                Fields.has(fields, ConstraintField.IOMMU) ? mapper : MapperFacts.IDEAL,
                rest(fields));
    }

    private DmaConstraints rest(int fields) {
        if ((fields & Fields.OF_CONSTRAINTS) == 0) {
            return DmaConstraints.NEUTRAL;
        }
        DmaConstraintsBuilder kept = rest.toBuilder();
        for (ConstraintField field : Fields.IN_ORDER) {
            if (!Fields.has(fields, field)) {
                kept.clear(field);
            }
        }
        return kept.build();
    }

    /** Returns the fields that are not neutral. */
    int stated() {
        int stated = 0;
        for (ConstraintField field : Fields.IN_ORDER) {
            stated |= isNeutral(field) ? 0 : Fields.bit(field);
        }
        return stated;
    }

    private boolean isNeutral(ConstraintField field) {
        return switch (field) {
            case RANGE -> range.equals(AddressRanges.ALL);
            case ALIGN -> rest.alignment() == 1;
            case MAX_SEGMENTS -> rest.maxSegments().isEmpty();
            case MAX_SEGMENT_SIZE -> rest.maxSegmentSize().isEmpty();
            case BOUNDARY -> rest.segmentBoundary().isEmpty();
            case GRANULE -> rest.granule() == 1;
            case DIVISOR -> rest.sizeDivisor() == 1;
            case MIN_SIZE -> rest.minSize() == 0;
            case MAX_SIZE -> rest.maxSize().isEmpty();
            case ACCESS -> rest.accessMask() == NEUTRAL_MASK;
            case POOLS -> rest.pools().isEmpty();
            case COHERENT -> !rest.isCoherentRequired();
            case SECURE -> !rest.isSecureRequired();
            case EXCLUSIVE -> !rest.isExclusive();
            case IOMMU -> mapper.equals(MapperFacts.IDEAL);
            case APERTURE -> aperture.equals(AddressRanges.ALL);
        };
    }

    /** Returns what a device behind an IOMMU puts on the physical pages: its table is cut elsewhere. */
    private static DmaConstraints behind(MapperFacts mapper, DmaConstraints rest) {
        return rest.toBuilder()
                .clear(ConstraintField.ALIGN)
                .clear(ConstraintField.MAX_SEGMENTS)
                .clear(ConstraintField.MAX_SEGMENT_SIZE)
                .clear(ConstraintField.BOUNDARY)
                .addressRanges(AddressRanges.of(mapper.output()))
                .granule(larger(mapper.granule(), rest.granule()))
                .build();
    }

    /** Returns the value of a field, to compare. */
    Object part(ConstraintField field) {
        return switch (field) {
            case RANGE -> range;
            case ALIGN -> rest.alignment();
            case MAX_SEGMENTS -> rest.maxSegments();
            case MAX_SEGMENT_SIZE -> rest.maxSegmentSize();
            case BOUNDARY -> rest.segmentBoundary();
            case GRANULE -> rest.granule();
            case DIVISOR -> rest.sizeDivisor();
            case MIN_SIZE -> rest.minSize();
            case MAX_SIZE -> rest.maxSize();
            case ACCESS -> rest.accessMask();
            case POOLS -> rest.pools();
            case COHERENT -> rest.isCoherentRequired();
            case SECURE -> rest.isSecureRequired();
            case EXCLUSIVE -> rest.isExclusive();
            case IOMMU -> mapper;
            case APERTURE -> aperture;
        };
    }

    /** Returns the value of a field in the words of an explanation. */
    String words(ConstraintField field, AccessBits bits) {
        return switch (part(field)) {
            case Long number when field == ConstraintField.ACCESS -> bits.format(number);
            case Long number -> Quantity.format(number);
            case OptionalLong limit when field == ConstraintField.MAX_SEGMENTS ->
                limit.stream().mapToObj(Long::toUnsignedString).findFirst().orElse("none");
            case OptionalLong limit -> limit.stream().mapToObj(Quantity::format).findFirst().orElse("none");
            case Optional<?> pools -> rest.pools().map(names -> String.join(",", names)).orElse("any");
            case MapperFacts facts -> "granule " + Quantity.format(facts.granule()) + " aperture " + facts.aperture()
                    + " output " + facts.output();
            case Object other -> other.toString();
        };
    }
}
