// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.spi.AllocatorSpec;
import java.util.List;

/**
 * The outcome of a certification.
 *
 * @param file the jar, as it was named
 * @param bundle the symbolic name and version of the bundle
 * @param spec what the allocator states
 * @param fromFactory whether each check had an allocator of its own, made by the bundle's factory
 * @param seed what random requests followed from
 * @param findings the checks, in the order in which they were made
 * @param stuck whether the bundle could not be taken out of the framework again
 */
public record Report(
        String file, String bundle, AllocatorSpec spec, boolean fromFactory, long seed, List<Finding> findings,
        boolean stuck) {
    /** Copies the list. */
    public Report {
        findings = List.copyOf(findings);
    }

    /** Returns whether no check failed. */
    public boolean isCertified() {
        return findings.stream().noneMatch(Finding::isFailure);
    }

    /** Returns how many checks came to a kind of verdict. */
    public long count(Class<? extends Verdict> kind) {
        return findings.stream().filter(finding -> kind.isInstance(finding.verdict())).count();
    }
}
