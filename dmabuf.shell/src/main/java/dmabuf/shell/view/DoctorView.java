// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.view;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.DeviceInfo;
import dmabuf.api.spi.Finding;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a doctor found, on one screen. */
public final class DoctorView {
    private static final int WIDTH = 100;
    private static final String AREA = "allocators";
    /** The lines by which an allocator says where it takes memory from now, and why from nowhere better. */
    private static final String SOURCE = "source";

    private static final String NOT = "source not ";
    private static final String OF = "source of ";
    private static final String NO_SOURCE = "none";

    private DoctorView() {}

    /** Returns the findings about a machine, those about the allocators of a gateway on it, and those about its devices. */
    public static List<Finding> with(
            List<Finding> machine, List<AllocatorInfo> allocators, List<DeviceInfo> devices) {
        List<Finding> findings = new ArrayList<>(machine);
        allocators.forEach(each -> findings.add(chosen(each)));
        if (allocators.isEmpty()) {
            findings.add(new Finding(AREA, "all", Finding.State.FAILED, "there is none: start their bundles"));
        }
        List<String> unserved = devices.stream()
                .filter(device -> device.accepting().isEmpty())
                .map(device -> Words.shortName(device.name()))
                .toList();
        if (!unserved.isEmpty()) {
            findings.add(new Finding(
                    AREA, "devices", Finding.State.FAILED,
                    "no allocator accepts " + String.join(" ", unserved) + ": see info and the device's name"));
        }
        return findings;
    }

    /** What is in the way of a better source stands among the findings about memory and IOMMUs. */
    private static Finding chosen(AllocatorInfo allocator) {
        Map<String, String> said = allocator.description();
        List<String> better = named(said, NOT);
        List<String> domains = named(said, OF).stream().filter(domain -> !domain.contains(" not ")).toList();
        String text = Optional.ofNullable(said.get(SOURCE)).map(from -> "takes " + from).orElse("says nothing of its source")
                + (better.isEmpty() ? "" : "; better, but not there: " + String.join(", ", better))
                + domains.stream().map(domain -> "; " + domain + " by " + said.get(OF + domain)).collect(Collectors.joining());
        boolean unmapped = domains.stream().anyMatch(domain -> NO_SOURCE.equals(said.get(OF + domain)));
        return new Finding(AREA, allocator.id(), state(said, better.isEmpty() && !unmapped), text);
    }

    private static Finding.State state(Map<String, String> said, boolean isBest) {
        if (NO_SOURCE.equals(said.get(SOURCE))) {
            return Finding.State.FAILED;
        }
        return isBest ? Finding.State.OK : Finding.State.MISSING;
    }

    private static List<String> named(Map<String, String> said, String prefix) {
        return said.keySet().stream()
                .filter(key -> key.startsWith(prefix))
                .map(key -> key.substring(prefix.length()))
                .sorted()
                .toList();
    }

    /** Returns whether all that is needed works. */
    public static boolean isWell(List<Finding> findings) {
        return findings.stream().noneMatch(finding -> finding.state() == Finding.State.FAILED);
    }

    /** Returns the findings, by area, with what they come to in the last line. */
    public static String text(List<Finding> findings) {
        int subjects = findings.stream().mapToInt(finding -> finding.subject().length()).max().orElse(0);
        StringBuilder text = new StringBuilder();
        String area = "";
        for (Finding finding : findings) {
            String head = String.format(
                    "%-11s%-8s%-" + (subjects + 1) + "s", finding.area().equals(area) ? "" : finding.area(),
                    word(finding.state()), finding.subject());
            area = finding.area();
            String body = Words.wrapped(finding.text(), head.length() + 1, WIDTH, 4);
            text.append(head).append(body.substring(head.length()));
        }
        return text.append(sum(findings)).append('\n').toString();
    }

    private static String sum(List<Finding> findings) {
        long failed = findings.stream().filter(finding -> finding.state() == Finding.State.FAILED).count();
        long missing = findings.stream().filter(finding -> finding.state() == Finding.State.MISSING).count();
        if (failed > 0) {
            return Words.count(failed, "failure") + ": what is needed does not work";
        }
        return missing == 0
                ? "all is well"
                : "all that is needed works; " + Words.count(missing, "remedy").replace("remedys", "remedies")
                        + " would make it better";
    }

    private static String word(Finding.State state) {
        return switch (state) {
            case OK -> "ok";
            case MISSING -> "missing";
            case FAILED -> "FAILED";
        };
    }

    /** Returns a finding as data. */
    public static Map<String, Object> data(Finding finding) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("area", finding.area());
        fields.put("subject", finding.subject());
        fields.put("state", word(finding.state()).toLowerCase(Locale.ROOT));
        fields.put("text", finding.text());
        return fields;
    }
}
