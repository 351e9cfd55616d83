// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.certify;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A report as a text of one screen, and as data. */
public final class ReportView {
    private ReportView() {}

    /** Returns the groups with their counts, each failure in full, and the sum. */
    public static String text(Report report) {
        StringBuilder text = new StringBuilder(report.bundle() + ": allocator " + report.spec().id() + ", type "
                + report.spec().type() + ", priority " + report.spec().priority() + "\n");
        Map<String, List<Finding>> groups = report.findings().stream()
                .collect(Collectors.groupingBy(Finding::group, LinkedHashMap::new, Collectors.toList()));
        groups.forEach((group, findings) -> text.append(line(group, findings)));
        report.findings().stream().filter(Finding::isFailure).forEach(finding -> text.append(failure(finding)));
        text.append(report.isCertified() ? "certified: " : "NOT certified: ")
                .append(report.count(Verdict.Passed.class)).append(" passed, ")
                .append(report.count(Verdict.Failed.class)).append(" failed, ")
                .append(report.count(Verdict.NotApplicable.class)).append(" do not apply (seed ")
                .append(report.seed()).append(")\n");
        return text.toString();
    }

    private static String line(String group, List<Finding> findings) {
        List<String> words = new ArrayList<>();
        for (Finding finding : findings) {
            words.add(switch (finding.verdict()) {
                case Verdict.Passed _ -> finding.id();
                case Verdict.Failed _ -> finding.id() + ": FAILED";
                case Verdict.NotApplicable _ -> "(" + finding.id() + ")";
            });
        }
        return String.format("  %-11s %s%n", group, String.join(", ", words));
    }

    private static String failure(Finding finding) {
        if (!(finding.verdict() instanceof Verdict.Failed(String asked, String came, String right))) {
            return "";
        }
        return "\n" + finding.id() + ": " + finding.promise() + " [" + finding.source() + "]\n"
                + "  asked  " + clipped(asked) + "\n  came   " + clipped(came) + "\n  right  " + clipped(right) + "\n";
    }

    private static String clipped(String text) {
        String line = text.replaceAll("\\s*\\R\\s*", "; ");
        return line.length() <= 300 ? line : line.substring(0, 300) + " ...";
    }

    /** Returns the same as maps and lists. */
    public static Map<String, Object> data(Report report) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("file", report.file());
        data.put("bundle", report.bundle());
        data.put("allocator", report.spec().id());
        data.put("type", report.spec().type());
        data.put("priority", report.spec().priority());
        data.put("madeBy", report.fromFactory() ? "factory" : "service");
        data.put("seed", report.seed());
        data.put("certified", report.isCertified());
        data.put("checks", report.findings().stream().map(ReportView::data).toList());
        return data;
    }

    private static Map<String, Object> data(Finding finding) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("check", finding.id());
        data.put("group", finding.group());
        data.put("promise", finding.promise());
        data.put("source", finding.source());
        switch (finding.verdict()) {
            case Verdict.Passed _ -> data.put("verdict", "passed");
            case Verdict.NotApplicable(String why) -> {
                data.put("verdict", "not applicable");
                data.put("why", why);
            }
            case Verdict.Failed(String asked, String came, String right) -> {
                data.put("verdict", "failed");
                data.put("asked", asked);
                data.put("came", came);
                data.put("right", right);
            }
        }
        return data;
    }
}
