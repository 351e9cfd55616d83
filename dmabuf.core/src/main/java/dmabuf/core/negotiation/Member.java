// SPDX-License-Identifier: Apache-2.0
package dmabuf.core.negotiation;

import dmabuf.api.DmaPath;
import dmabuf.api.Names;
import dmabuf.api.spi.Participant;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** A device that takes part in a negotiation. An immutable value. */
public final class Member {
    /** By name, in code points: the order in which a negotiation seats them. */
    public static final Comparator<Member> BY_NAME =
            (one, other) -> Names.ORDER.compare(one.name, other.name);

    private final String name;
    private final List<DmaPath> paths;
    private final Optional<String> parent;
    private final List<Member> single;

    /** What a negotiation asks of each way, worked out once. */
    private final List<Participant> participants;

    private final List<Terms> terms;

    /**
     * Makes a member of a device.
     *
     * @param name the full name
     * @param paths the ways in order of preference, each with what it inherits from the parent device; at least one
     * @param parent the device of which it is a part
     */
    public Member(String name, List<DmaPath> paths, Optional<String> parent) {
        this.name = Objects.requireNonNull(name, "name");
        this.paths = List.copyOf(paths);
        this.parent = Objects.requireNonNull(parent, "parent");
        if (paths.isEmpty()) {
            throw new IllegalArgumentException("device " + name + " has no way to reach memory");
        }
        this.single = paths.size() == 1
                ? List.of()
                : paths.stream().map(path -> new Member(name, List.of(path), parent)).toList();
        this.participants = paths.stream().map(path -> new Participant(name, path)).toList();
        this.terms = paths.stream().map(Terms::of).toList();
    }

    /** Returns the full name. */
    public String name() {
        return name;
    }

    /** Returns the ways in order of preference; at least one. */
    public List<DmaPath> paths() {
        return paths;
    }

    /** Returns the device of which it is a part. */
    public Optional<String> parent() {
        return parent;
    }

    /** Returns the device on each of its ways: always the same objects. */
    List<Participant> participants() {
        return participants;
    }

    /** Returns the terms of each way, as if no mapper limited it. */
    List<Terms> terms() {
        return terms;
    }

    /** Returns whether no way leads through an IOMMU. */
    boolean isDirect() {
        for (Terms way : terms) {
            if (!way.direct()) {
                return false;
            }
        }
        return true;
    }

    /**
     * Returns this device with one of its ways only: a mapped device keeps the way that it is mapped by. The same object for
     * the same way.
     */
    public Member on(DmaPath path) {
        return single.isEmpty() ? this : single.get(paths.indexOf(path));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Member that
                && name.equals(that.name)
                && paths.equals(that.paths)
                && parent.equals(that.parent);
    }

    @Override
    public int hashCode() {
        return Objects.hash(name, paths, parent);
    }

    /** Returns the name. */
    @Override
    public String toString() {
        return name;
    }
}
