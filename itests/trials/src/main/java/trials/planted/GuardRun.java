// SPDX-License-Identifier: Apache-2.0
package trials.planted;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs guards in a process of its own. Ends with {@link #PASSED}, {@link #FAILED}, or {@link #ABSENT} when one is not there. */
final class GuardRun {
    static final int PASSED = 0;
    static final int FAILED = 1;
    static final int ABSENT = 3;

    private GuardRun() {}

    public static void main(String... guards) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create().execute(request(List.of(guards)), listener);
        TestExecutionSummary summary = listener.getSummary();
        summary.getFailures().forEach(failure -> System.out.println(
                failure.getTestIdentifier().getLegacyReportingName() + ": " + first(failure.getException())));
        boolean all = summary.getTestsFoundCount() >= guards.length && summary.getTestsSkippedCount() == 0;
        // Threads that a violation left behind keep nobody waiting.
        Runtime.getRuntime().halt(summary.getTotalFailureCount() > 0 ? FAILED : all ? PASSED : ABSENT);
    }

    private static LauncherDiscoveryRequest request(List<String> guards) {
        List<DiscoverySelector> classes = new ArrayList<>();
        guards.stream()
                .map(guard -> guard.substring(0, guard.indexOf('#')))
                .distinct()
                .forEach(name -> classes.add(DiscoverySelectors.selectClass(name)));
        return LauncherDiscoveryRequestBuilder.request()
                .selectors(classes)
                .filters((PostDiscoveryFilter) descriptor -> FilterResult.includedIf(isOneOf(descriptor, guards)))
                .build();
    }

    /** By name alone: a test may have parameters. */
    private static boolean isOneOf(TestDescriptor descriptor, List<String> guards) {
        return descriptor.getSource()
                .filter(MethodSource.class::isInstance)
                .map(MethodSource.class::cast)
                .map(method -> method.getClassName() + "#" + method.getMethodName())
                .filter(guards::contains)
                .isPresent();
    }

    private static String first(Throwable failure) {
        return Arrays.stream(String.valueOf(failure).split("\n"))
                .filter(line -> !line.isBlank())
                .limit(3)
                .reduce((one, two) -> one.strip() + " " + two.strip())
                .orElse("");
    }
}
