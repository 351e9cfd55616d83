// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import dmabuf.api.DmaBufException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Makes all checks of a candidate, one after the other, each on a thread and a bench of its own. A check that does not
 * end is left behind.
 */
final class Suite {
    /** More than any check takes. */
    private static final Duration LIMIT = Duration.ofMinutes(2);

    private static final Duration GLANCE = Duration.ofMillis(10);

    private final Candidate candidate;
    private final long seed;
    private volatile Optional<Verdict> verdict = Optional.empty();

    Suite(Candidate candidate, long seed) {
        this.candidate = candidate;
        this.seed = seed;
    }

    /** Returns all checks, in order; those after which the bundle is gone stand last. */
    static List<Check> checks() {
        return Stream.of(
                        StatementChecks.all(), MatchChecks.all(), PlaceChecks.all(), ContentChecks.all(), BookChecks.all(),
                        RefusalChecks.all(), CompactionChecks.all(), ThreadChecks.all(), FactoryChecks.all(),
                        MapperChecks.all(), RuntimeChecks.all(), BundleChecks.stops(), RuntimeChecks.flows(),
                        BundleChecks.all())
                .flatMap(List::stream)
                .toList();
    }

    /** Makes the checks, and tells of each as soon as it is made. */
    List<Finding> run(Consumer<Finding> progress) throws InterruptedException {
        List<Finding> findings = new ArrayList<>();
        for (Check check : checks()) {
            findings.add(check.found(verdict(check)));
            progress.accept(findings.getLast());
        }
        return findings;
    }

    private Verdict verdict(Check check) throws InterruptedException {
        verdict = Optional.empty();
        long end = System.nanoTime() + LIMIT.toNanos();
        Thread thread = Thread.ofPlatform().daemon().name("certify " + check.id()).start(() -> play(check));
        while (!thread.join(GLANCE)) {
            Optional<Verdict> overdue = candidate.watch().overdue();
            if (overdue.isEmpty() && System.nanoTime() > end) {
                overdue = Optional.of(new Verdict.Failed(
                        "the whole check", "no end within " + LIMIT.toMinutes() + " min", "that it ends"));
            }
            if (overdue.isPresent()) {
                thread.interrupt();
                candidate.watch().abandon();
                candidate.soil();
                return overdue.get();
            }
        }
        return verdict.orElseThrow();
    }

    private void play(Check check) {
        Verdict came = tried(check);
        if (came instanceof Verdict.Failed) {
            candidate.soil();
        }
        verdict = Optional.of(came);
    }

    private Verdict tried(Check check) {
        try (Bench bench = new Bench(candidate, seed)) {
            check.trial().run(bench);
            return new Verdict.Passed();
        } catch (Inapplicable e) {
            return new Verdict.NotApplicable(String.valueOf(e.getMessage()));
        } catch (Violation e) {
            return e.verdict;
        } catch (DmaBufException e) {
            return new Verdict.Failed(check.id(), e.reason() + ": " + e.getMessage(), "that it is not refused");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Verdict.NotApplicable("interrupted");
        } catch (RuntimeException | Error e) {
            return new Verdict.Failed(check.id(), Watch.describe(e), Watch.ANSWER);
        }
    }
}
