// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * One way in which a device reaches memory: directly over a bus, or through an IOMMU; with the constraints that hold on
 * that way. A device offers one or several, in order of preference. Immutable; changed copies by the {@code with}
 * methods.
 *
 * <p>On a direct way the constraints' address range is CPU physical, and a device address is the CPU address minus the
 * offset of the window that holds it. Behind an IOMMU the same limits bound the I/O virtual addresses that the mapper
 * hands out, and put nothing on the physical pages.
 */
public final class DmaPath {
    private final DmaConstraints constraints;
    private final List<BusWindow> windows;
    private final OptionalInt maskBits;
    private final Optional<String> iommu;
    private final Optional<AddressRange> aperture;
    private final boolean coherent;

    /** Worked out once: allocators' answers are looked up by it. */
    private final int hash;

    private DmaPath(
            DmaConstraints constraints,
            List<BusWindow> windows,
            OptionalInt maskBits,
            Optional<String> iommu,
            Optional<AddressRange> aperture,
            boolean coherent) {
        this.constraints = Objects.requireNonNull(constraints, "constraints");
        this.windows = List.copyOf(windows);
        this.maskBits = maskBits;
        this.iommu = iommu;
        this.aperture = aperture;
        this.coherent = coherent;
        this.hash = Objects.hash(constraints, windows, maskBits, iommu, aperture, coherent);
        validate();
    }

    /** Returns a direct way without windows: device addresses are CPU addresses. */
    public static DmaPath of(DmaConstraints constraints) {
        return new DmaPath(
                constraints, List.of(), OptionalInt.empty(), Optional.empty(), Optional.empty(), false);
    }

    /**
     * Reads the form that {@link #toString()} writes: the words of {@link DmaConstraints#parse}, and {@code iommu=},
     * {@code maskBits=}, {@code aperture=lo..hi}, {@code window=lo..hi@cpu}, several parted by commas, or in its place
     * {@code offset=}, which may be negative, for one window over all addresses; and the flag {@code dmaCoherent}.
     *
     * @throws DmaBufException INVALID for an unknown word or one that is stated twice, a bad value, or a way that
     *     reaches nothing
     */
    public static DmaPath parse(String text) {
        return PathText.parse(text);
    }

    /** Returns the words that {@link #parse} knows. */
    public static List<String> words() {
        return PathText.WORDS;
    }

    /** Does what {@link #parse} does with words that are parted already, by key; a flag is true or false. */
    public static DmaPath ofWords(Map<String, String> words) {
        return PathText.read(words);
    }

    /**
     * Returns this way over the given bus windows, in the order of the device tree; none means 1:1.
     *
     * @throws DmaBufException INVALID when an offset is no multiple of alignment, granule or boundary, or when no
     *     address is left
     */
    public DmaPath withWindows(List<BusWindow> value) {
        return new DmaPath(constraints, value, maskBits, iommu, aperture, coherent);
    }

    /** Returns this way with device addresses of at most this many bits, 1 to 64; INVALID otherwise. */
    public DmaPath withMaskBits(int value) {
        return new DmaPath(constraints, windows, OptionalInt.of(value), iommu, aperture, coherent);
    }

    /** Returns this way behind the IOMMU domain of that name. */
    public DmaPath withIommu(String domain) {
        return new DmaPath(constraints, windows, maskBits, Optional.of(domain), aperture, coherent);
    }

    /** Returns this way with device addresses inside the given interval. */
    public DmaPath withAperture(AddressRange value) {
        return new DmaPath(constraints, windows, maskBits, iommu, Optional.of(value), coherent);
    }

    /** Returns this way with the device's caches coherent with the CPU's, or not. */
    public DmaPath withCoherent(boolean value) {
        return new DmaPath(constraints, windows, maskBits, iommu, aperture, value);
    }

    /** Returns this way with other constraints. */
    public DmaPath withConstraints(DmaConstraints value) {
        return new DmaPath(value, windows, maskBits, iommu, aperture, coherent);
    }

    /**
     * Returns this way as that of a sub-device: it inherits the parent's range, windows, mask, IOMMU, aperture,
     * coherence and pools, and can only narrow them.
     *
     * @throws DmaBufException INVALID when it states another IOMMU or other windows, or when nothing is left
     */
    public DmaPath within(DmaPath parent) {
        if (iommu.isPresent() && !iommu.equals(parent.iommu)) {
            throw invalid("iommu=" + iommu.get() + " differs from the parent's "
                    + parent.iommu.orElse("none") + ": a sub-device inherits it");
        }
        if (!windows.isEmpty() && !windows.equals(parent.windows)) {
            throw invalid("the bus windows differ from the parent's: a sub-device inherits them");
        }
        DmaConstraints inherited = DmaConstraints.builder()
                .addressRanges(parent.constraints.addressRanges())
                .build();
        if (parent.constraints.pools().isPresent()) {
            inherited = inherited.toBuilder().pools(parent.constraints.pools().get()).build();
        }
        DmaConstraints narrowed = constraints.tryCombine(inherited)
                .orElseThrow(() -> invalid("range or pools lie outside the parent's: " + constraints + " within "
                        + parent.constraints));
        return new DmaPath(
                narrowed, parent.windows, narrower(maskBits, parent.maskBits), parent.iommu,
                narrower(aperture, parent.aperture), parent.coherent);
    }

    /**
     * Returns this way with these fields at their neutral value, for the question what would make it fit. RANGE covers
     * range, mask, offset and windows; the windows stay while an aperture is left that lies in their addresses.
     */
    public DmaPath without(Set<ConstraintField> fields) {
        DmaConstraintsBuilder kept = constraints.toBuilder();
        fields.forEach(kept::clear);
        boolean ranged = !fields.contains(ConstraintField.RANGE);
        Optional<AddressRange> inside = fields.contains(ConstraintField.APERTURE) ? Optional.empty() : aperture;
        return new DmaPath(
                kept.build(),
                ranged || inside.isPresent() ? windows : List.of(),
                ranged ? maskBits : OptionalInt.empty(),
                fields.contains(ConstraintField.IOMMU) ? Optional.empty() : iommu,
                inside,
                coherent);
    }

    /** Returns the fields of this way that are not neutral, in table order. */
    public Set<ConstraintField> stated() {
        Set<ConstraintField> stated = EnumSet.noneOf(ConstraintField.class);
        for (ConstraintField field : ConstraintField.values()) {
            if (!constraints.toBuilder().clear(field).build().equals(constraints)) {
                stated.add(field);
            }
        }
        if (!rangeLimit().equals(AddressRanges.ALL)) {
            stated.add(ConstraintField.RANGE);
        }
        iommu.ifPresent(domain -> stated.add(ConstraintField.IOMMU));
        aperture.ifPresent(inside -> stated.add(ConstraintField.APERTURE));
        return stated;
    }

    /** Returns the constraints that hold on this way. */
    public DmaConstraints constraints() {
        return constraints;
    }

    /** Returns the bus windows, in the order of the device tree; empty means 1:1. */
    public List<BusWindow> windows() {
        return windows;
    }

    /** Returns the number of address bits that the device drives, where it is limited. */
    public OptionalInt maskBits() {
        return maskBits;
    }

    /** Returns the IOMMU domain, or empty on a direct way. */
    public Optional<String> iommu() {
        return iommu;
    }

    /** Returns the interval that device addresses must lie in, where one is stated. */
    public Optional<AddressRange> aperture() {
        return aperture;
    }

    /** Returns whether the device sees the CPU's caches (dma-coherent): no cache sync is then needed. */
    public boolean isCoherent() {
        return coherent;
    }

    /**
     * Returns the addresses that range, mask and windows leave, without the aperture: CPU physical on a direct way,
     * I/O virtual behind an IOMMU. One interval for each window, because no segment crosses windows.
     */
    public AddressRanges rangeLimit() {
        AddressRange drivable = maskBits.isPresent() && maskBits.getAsInt() < 64
                ? new AddressRange(0, (1L << maskBits.getAsInt()) - 1)
                : AddressRange.ALL;
        return space().limit(drivable, constraints.addressRanges());
    }

    /** Returns the addresses that the aperture alone leaves, in the same space as {@link #rangeLimit()}. */
    public AddressRanges apertureLimit() {
        return aperture.map(inside -> space().limit(inside, AddressRanges.ALL)).orElse(AddressRanges.ALL);
    }

    /** Returns the addresses that the device reaches, in the same space as {@link #rangeLimit()}; never empty. */
    public AddressRanges reachable() {
        return rangeLimit().intersect(apertureLimit());
    }

    /**
     * Returns the device address of a CPU physical address on a direct way.
     *
     * @throws DmaBufException INVALID when no window holds it
     */
    public long toDevice(long cpuAddress) {
        return space().toDevice(cpuAddress);
    }

    private BusSpace space() {
        return new BusSpace(windows, iommu.isPresent());
    }

    private void validate() {
        if (maskBits.isPresent() && (maskBits.getAsInt() < 1 || maskBits.getAsInt() > 64)) {
            throw invalid("maskBits=" + maskBits.getAsInt() + " is not between 1 and 64");
        }
        windows.forEach(window -> window.checkOffset(constraints));
        if (reachable().isEmpty()) {
            throw invalid("range, mask, windows and aperture leave no address: range="
                    + constraints.addressRanges() + " windows=" + windows + " aperture="
                    + aperture.map(AddressRange::toString).orElse("none"));
        }
    }

    private static OptionalInt narrower(OptionalInt mine, OptionalInt parents) {
        return mine.isEmpty() || (parents.isPresent() && parents.getAsInt() < mine.getAsInt()) ? parents : mine;
    }

    private static Optional<AddressRange> narrower(Optional<AddressRange> mine, Optional<AddressRange> parents) {
        if (mine.isEmpty() || parents.isEmpty()) {
            return mine.isEmpty() ? parents : mine;
        }
        return Optional.of(mine.get()
                .intersect(parents.get())
                .orElseThrow(() -> invalid("aperture " + mine.get() + " lies outside the parent's " + parents.get())));
    }

    private static DmaBufException invalid(String message) {
        return new DmaBufException(Reason.INVALID, message);
    }

    @Override
    public boolean equals(Object other) {
        return other == this || (other instanceof DmaPath that && hash == that.hash && isSame(that));
    }

    private boolean isSame(DmaPath that) {
        return constraints.equals(that.constraints)
                && windows.equals(that.windows)
                && maskBits.equals(that.maskBits)
                && iommu.equals(that.iommu)
                && aperture.equals(that.aperture)
                && coherent == that.coherent;
    }

    @Override
    public int hashCode() {
        return hash;
    }

    /** Returns the stated parts in the words of scenario files; {@link #parse} reads them back. */
    @Override
    public String toString() {
        return PathText.format(this);
    }
}
