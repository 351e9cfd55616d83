// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.AddressRange;
import dmabuf.api.DmaBufException;
import dmabuf.api.DmaConstraints;
import dmabuf.api.DmaPath;
import dmabuf.api.Quantity;
import dmabuf.api.Reason;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * What a driver knows of a device and no device tree says: one key of the profile table.
 *
 * @param key the {@code compatible} string that the row is for, perhaps behind {@code name:}
 * @param family the driver, for example {@code hantro}
 * @param functions what the device is for; {@code iommu} for an IOMMU
 * @param limits what memory the driver takes
 * @param source where that is stated
 */
record Profile(String key, String family, List<String> functions, Limits limits, String source) {
    /** What a device can be for. */
    static final List<String> DEVICE_FUNCTIONS =
            List.of("decoder", "encoder", "camera", "display", "gpu", "npu", "dma");

    private static final String IOMMU = "iommu";
    private static final List<String> FUNCTIONS = Stream.concat(DEVICE_FUNCTIONS.stream(), Stream.of(IOMMU)).toList();
    private static final int COLUMNS = 5;
    private static final String NONE = "-";

    Profile {
        functions = List.copyOf(functions);
    }

    /** Returns whether it describes an IOMMU, which is no device but stands before some. */
    boolean isIommu() {
        return functions.contains(IOMMU);
    }

    /**
     * Reads one row, which may be for several keys.
     *
     * @param row {@code compatible... | family | function,... | limits | source}
     * @throws DmaBufException INVALID when it is no such row; the message quotes what is wrong
     */
    static List<Profile> parse(String row) {
        List<String> columns = Stream.of(row.split("\\|", -1)).map(String::strip).toList();
        if (columns.size() != COLUMNS || columns.stream().anyMatch(String::isEmpty)) {
            throw invalid(row, "a row is: compatible... | family | function,... | limits | source");
        }
        List<String> functions = List.of(columns.get(2).split(",", -1));
        if (!FUNCTIONS.containsAll(functions)) {
            throw invalid(row, "the functions are " + String.join(", ", FUNCTIONS) + ", not " + columns.get(2));
        }
        Limits limits = limits(row, columns.get(3));
        return Stream.of(columns.get(0).split("\\s+", -1))
                .map(key -> new Profile(key, columns.get(1), functions, limits, columns.get(4)))
                .toList();
    }

    /** Returns what filters and listings see of a device that has this profile. */
    Map<String, Object> properties() {
        return Map.of(
                "family", family, "function", functions.toArray(String[]::new), "profile", key + " " + limits.words(),
                "profileSource", source);
    }

    private static Limits limits(String row, String words) {
        try {
            return words.equals(NONE) ? Limits.NONE : Limits.parse(words);
        } catch (DmaBufException e) {
            throw invalid(row, e.explanation().text());
        }
    }

    private static DmaBufException invalid(String row, String why) {
        return new DmaBufException(Reason.INVALID, "profile '" + row + "': " + why);
    }

    /**
     * The limits in a row.
     *
     * @param constraints the segment limits and whatever else the algebra knows
     * @param maskBits the address bits that the device drives
     * @param aperture the device addresses that it can use; of an IOMMU, those that it hands out
     * @param outputBits of an IOMMU, the bits of a CPU address that it can put out
     * @param ownRegions whether just the pools that the node names as its memory regions are permitted
     */
    record Limits(
            DmaConstraints constraints,
            OptionalInt maskBits,
            Optional<AddressRange> aperture,
            OptionalInt outputBits,
            boolean ownRegions) {
        /** Limits nothing. */
        static final Limits NONE =
                new Limits(DmaConstraints.NEUTRAL, OptionalInt.empty(), Optional.empty(), OptionalInt.empty(), false);

        private static final String OWN_REGIONS = "pools=memory-region";

        /** Returns the limits as a row states them, or that there is none. */
        String words() {
            Stream<String> words = Stream.of(
                    maskBits.isPresent() ? "maskBits=" + maskBits.getAsInt() : "",
                    aperture.map(range -> "aperture=" + range).orElse(""),
                    outputBits.isPresent() ? "outputBits=" + outputBits.getAsInt() : "",
                    ownRegions ? OWN_REGIONS : "", constraints.toString());
            return words.filter(word -> !word.isEmpty()).reduce((a, b) -> a + " " + b).orElse("takes any memory");
        }

        /**
         * Returns the way to memory of a device with these limits, or empty when they leave no address.
         *
         * @param mask the address bits that it drives, instead of those that are stated here
         * @param domain the IOMMU domain that it sits behind
         * @param coherent whether it sees the CPU's caches
         */
        Optional<DmaPath> path(OptionalInt mask, Optional<String> domain, boolean coherent) {
            try {
                DmaPath path = DmaPath.of(constraints).withCoherent(coherent);
                path = mask.isPresent() ? path.withMaskBits(mask.getAsInt()) : path;
                path = aperture.isPresent() ? path.withAperture(aperture.get()) : path;
                return Optional.of(domain.isPresent() ? path.withIommu(domain.get()) : path);
            } catch (DmaBufException nothingLeft) {
                return Optional.empty();
            }
        }

        private static Limits parse(String words) {
            Limits limits = NONE;
            StringBuilder constraints = new StringBuilder();
            for (String word : words.split("\\s+", -1)) {
                Limits known = limits.with(word);
                if (known.equals(limits)) {
                    constraints.append(word).append(' ');
                }
                limits = known;
            }
            return limits.with(DmaConstraints.parse(constraints.toString()));
        }

        private Limits with(String word) {
            String value = word.substring(word.indexOf('=') + 1);
            return switch (word.substring(0, word.length() - value.length())) {
                case "maskBits=" -> new Limits(constraints, bits(word, value), aperture, outputBits, ownRegions);
                case "outputBits=" -> new Limits(constraints, maskBits, aperture, bits(word, value), ownRegions);
                case "aperture=" ->
                    new Limits(constraints, maskBits, Optional.of(AddressRange.parse(value)), outputBits, ownRegions);
                default ->
                    word.equals(OWN_REGIONS) ? new Limits(constraints, maskBits, aperture, outputBits, true) : this;
            };
        }

        private Limits with(DmaConstraints value) {
            return new Limits(value, maskBits, aperture, outputBits, ownRegions);
        }

        private static OptionalInt bits(String word, String value) {
            long bits = Quantity.parse(value);
            if (bits < 1 || bits > Long.SIZE) {
                throw new DmaBufException(Reason.INVALID, word + " is not between 1 and " + Long.SIZE);
            }
            return OptionalInt.of((int) bits);
        }
    }
}
