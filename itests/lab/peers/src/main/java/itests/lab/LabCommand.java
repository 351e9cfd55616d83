// SPDX-License-Identifier: Apache-2.0
package itests.lab;

import dmabuf.api.Exporter;
import itests.lab.cases.Cases;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The shell command that runs cases: a line when each begins, and one with its outcome. */
@Component(
        service = LabCommand.class,
        immediate = true,
        property = {"osgi.command.scope=lab", "osgi.command.function=lab"})
public final class LabCommand {
    private static final String ALL_BUT = "--all-but";

    private final Exporter exporter;
    private final ConfigurationAdmin configurations;
    private final BundleContext context;

    /** Creates the command on the gateway's exporter. */
    @Activate
    public LabCommand(@Reference Exporter exporter, @Reference ConfigurationAdmin configurations, BundleContext context) {
        this.exporter = exporter;
        this.configurations = configurations;
        this.context = context;
    }

    /** Runs the cases of these names, all when none is named; IllegalStateException when one failed. */
    @Descriptor("run cases of the lab, all when none is named; lab --all-but CASE... runs the others")
    public void lab(CommandSession session, @Descriptor("names of cases") String... names) {
        PrintStream out = session.getConsole();
        Bench bench = new Bench(exporter, configurations, context, line -> out.println("lab:   " + line));
        long failures = chosen(List.of(names)).stream()
                .filter(labCase -> !run(labCase, bench, out))
                .count();
        if (failures > 0) {
            throw new IllegalStateException("lab: " + failures + " failed");
        }
    }

    private static List<LabCase> chosen(List<String> words) {
        boolean others = words.contains(ALL_BUT);
        List<String> names = words.stream().filter(word -> !word.equals(ALL_BUT)).toList();
        List<String> known = Cases.ALL.stream().map(LabCase::name).toList();
        names.stream().filter(name -> !known.contains(name)).findFirst().ifPresent(name -> {
            throw new IllegalArgumentException("no case " + name + "; there are " + String.join(" ", known));
        });
        return Cases.ALL.stream()
                .filter(labCase -> names.isEmpty() || names.contains(labCase.name()) != others)
                .toList();
    }

    /** Runs one; false when it failed. The words passed, failed and skipped are what itests/lab/run looks for. */
    private static boolean run(LabCase labCase, Bench bench, PrintStream out) {
        Optional<String> missing = labCase.missing().get();
        if (missing.isPresent()) {
            out.println("lab: " + labCase.name() + " skipped 0.0 s: " + missing.get());
            return true;
        }
        out.println("lab: " + labCase.name() + " ...");
        long begin = System.nanoTime();
        try {
            String seen = labCase.body().run(bench);
            out.println("lab: " + labCase.name() + " passed " + seconds(begin) + ": " + seen);
            return true;
        } catch (Exception | AssertionError e) {
            out.println("lab: " + labCase.name() + " failed " + seconds(begin) + ": " + e);
            e.printStackTrace(out);
            return false;
        }
    }

    private static String seconds(long begin) {
        return String.format(Locale.ROOT, "%.1f s", (System.nanoTime() - begin) / 1e9);
    }
}
