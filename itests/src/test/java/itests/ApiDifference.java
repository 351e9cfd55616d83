// SPDX-License-Identifier: Apache-2.0
package itests;

import aQute.bnd.differ.Baseline;
import aQute.bnd.differ.Baseline.Info;
import aQute.bnd.differ.DiffPluginImpl;
import aQute.bnd.osgi.Instructions;
import aQute.bnd.osgi.Jar;
import aQute.bnd.osgi.Processor;
import aQute.bnd.service.diff.Delta;
import aQute.bnd.service.diff.Diff;
import aQute.bnd.service.diff.Type;
import aQute.bnd.version.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.annotation.versioning.ProviderType;

/** Compares two versions of the API package by package, by the rules of semantic versioning. */
final class ApiDifference {
    private static final Set<Delta> SAME = Set.of(Delta.UNCHANGED, Delta.IGNORED);

    private ApiDifference() {}

    /** Returns one sentence for each package whose version does not say what changed; none when all do. */
    static List<String> complaints(Jar newer, Jar older) throws Exception {
        try (Processor reporter = new Processor()) {
            Baseline baseline = new Baseline(reporter, new DiffPluginImpl());
            List<String> complaints = new ArrayList<>();
            for (Info info : baseline.baseline(newer, older, new Instructions("*"))) {
                complaint(info).ifPresent(complaints::add);
            }
            return complaints;
        }
    }

    private static Optional<String> complaint(Info info) {
        if (info.packageDiff.getDelta() == Delta.REMOVED) {
            return Optional.of("package " + info.packageName + " is gone");
        }
        Version needed = needed(info);
        return needed.compareTo(info.newerVersion) <= 0
                ? Optional.empty()
                : Optional.of("package " + info.packageName + " " + info.newerVersion + " must be " + needed + " after "
                        + info.olderVersion + ": " + changes(info.packageDiff).collect(Collectors.joining(", ")));
    }

    private static Version needed(Info info) {
        Version older = info.olderVersion;
        Version major = new Version(older.getMajor() + 1, 0, 0);
        return burdensImplementers(info.packageDiff) && info.suggestedVersion.compareTo(major) < 0
                ? major
                : info.suggestedVersion;
    }

    /**
     * Returns whether an interface that others implement has a new method without a body. bnd 7.3 takes such a method
     * for one with a body where the interface has those too, so it is asked here once more.
     */
    private static boolean burdensImplementers(Diff packageDiff) {
        return packageDiff.getChildren().stream()
                .filter(type -> type.getType() == Type.INTERFACE && type.getDelta() != Delta.ADDED)
                .filter(type -> !has(type, Type.ANNOTATED, ProviderType.class.getName()))
                .flatMap(type -> type.getChildren().stream())
                .anyMatch(member -> member.getType() == Type.METHOD
                        && member.getDelta() == Delta.ADDED
                        && has(member, Type.ACCESS, "abstract"));
    }

    private static boolean has(Diff parent, Type type, String name) {
        return parent.getChildren().stream()
                .anyMatch(child -> child.getType() == type && child.getName().equals(name));
    }

    /** Returns what changed: types that came or went, and members of those that stayed. */
    private static Stream<String> changes(Diff packageDiff) {
        return packageDiff.getChildren().stream()
                .filter(ApiDifference::isChanged)
                .flatMap(type -> isWhole(type)
                        ? Stream.of(sentence(type))
                        : type.getChildren().stream()
                                .filter(ApiDifference::isChanged)
                                .map(member -> type.getName() + " " + sentence(member)));
    }

    private static boolean isChanged(Diff diff) {
        return !SAME.contains(diff.getDelta());
    }

    private static boolean isWhole(Diff diff) {
        return diff.getDelta() == Delta.ADDED
                || diff.getDelta() == Delta.REMOVED
                || diff.getChildren().stream().noneMatch(ApiDifference::isChanged);
    }

    private static String sentence(Diff diff) {
        return diff.getDelta() + " " + diff.getType() + " " + diff.getName();
    }
}
