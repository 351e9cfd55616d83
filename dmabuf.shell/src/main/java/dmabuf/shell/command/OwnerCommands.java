// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import dmabuf.api.AllocatorInfo;
import dmabuf.api.BufferInfo;
import dmabuf.api.DmaBufException;
import dmabuf.api.Exporter;
import dmabuf.api.HoldingInfo;
import dmabuf.api.OwnerInfo;
import dmabuf.api.QuotaInfo;
import dmabuf.api.Reason;
import dmabuf.shell.snapshot.Change;
import dmabuf.shell.snapshot.Difference;
import dmabuf.shell.snapshot.Snapshot;
import dmabuf.shell.snapshot.Snapshots;
import dmabuf.shell.usage.Arguments;
import dmabuf.shell.view.LeakView;
import dmabuf.shell.view.OwnerView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The commands that tell who holds what, for how long, and what has changed. */
@Component(
        immediate = true,
        service = OwnerCommands.class,
        property = {
            "osgi.command.scope=dmabuf",
            "osgi.command.function=owners",
            "osgi.command.function=leaks",
            "osgi.command.function=snapshot",
            "osgi.command.function=diff"
        })
public final class OwnerCommands {
    private static final String WORDS = "see dmabuf:help and the command's name";
    private static final Duration OLDER = Duration.ofMinutes(1);
    private static final Pattern SPAN = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)?");
    private static final String LENT = "lent ";

    private final Exporter exporter;
    private final Snapshots snapshots;

    /** Creates the commands on the gateway's exporter. */
    @Activate
    public OwnerCommands(@Reference Exporter exporter, @Reference Snapshots snapshots) {
        this.exporter = exporter;
        this.snapshots = snapshots;
    }

    @Descriptor("list who holds what, what it is charged for, and the quotas")
    public @Nullable Answer owners(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "owners", words, arguments -> {
            List<OwnerInfo> owners = exporter.owners();
            List<QuotaInfo> quotas = exporter.quotas();
            Map<String, Object> data = new LinkedHashMap<>();
            data.put("owners", owners.stream().map(OwnerView::data).toList());
            data.put("quotas", quotas.stream().map(OwnerView::data).toList());
            return new Answer(OwnerView.text(owners, quotas), data).asJson(arguments.has("--json"));
        });
    }

    @Descriptor("list what is open for long, the oldest first, and storage that cannot go")
    public @Nullable Answer leaks(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "leaks", words, arguments -> {
            Instant now = Instant.now();
            Duration older = arguments.value("--older").map(OwnerCommands::span).orElse(OLDER);
            List<HoldingInfo> held = exporter.holdings().stream()
                    .filter(each -> isOf(arguments, each.owner()))
                    .filter(each -> !each.since().orElse(Instant.MIN).isAfter(now.minus(older)))
                    .sorted(Comparator.comparing(each -> each.since().orElse(Instant.MIN)))
                    .toList();
            List<LeakView.Stuck> stuck = stuck(arguments);
            return new Answer(LeakView.text(held, stuck, now), LeakView.data(held, stuck)).asJson(arguments.has("--json"));
        });
    }

    private static boolean isOf(Arguments arguments, String owner) {
        return arguments.value("--owner").filter(wanted -> !wanted.equals(owner)).isEmpty();
    }

    /** Returns a time in words: a number of seconds, or of another unit behind it. */
    private static Duration span(String text) {
        Matcher parts = SPAN.matcher(text);
        if (!parts.matches()) {
            throw new DmaBufException(Reason.INVALID, "--older is a number with ms, s, m, h or d, not " + text);
        }
        long number = Long.parseLong(parts.group(1));
        return switch (Optional.ofNullable(parts.group(2)).orElse("s")) {
            case "ms" -> Duration.ofMillis(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            case "d" -> Duration.ofDays(number);
            default -> Duration.ofSeconds(number);
        };
    }

    /** What is lent belongs to no owner any more. */
    private List<LeakView.Stuck> stuck(Arguments arguments) {
        List<LeakView.Stuck> stuck = new ArrayList<>();
        exporter.buffers().stream()
                .filter(BufferInfo::orphaned)
                .filter(each -> isOf(arguments, each.owner()))
                .forEach(each -> stuck.add(LeakView.Stuck.orphan(each)));
        Map<String, String> lent = new LinkedHashMap<>();
        if (arguments.value("--owner").isEmpty()) {
            exporter.allocators().stream().map(AllocatorInfo::description).forEach(lent::putAll);
        }
        lent.keySet().removeIf(key -> !key.startsWith(LENT));
        lent.forEach((source, size) -> stuck.add(new LeakView.Stuck(
                source.substring(LENT.length()), "lent: closed here, but a driver or another process holds it", size)));
        return stuck;
    }

    @Descriptor("remember under a name all that is there and who holds it")
    public @Nullable Answer snapshot(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "snapshot", words, arguments -> {
            String name = arguments.word(0);
            Snapshot taken = Snapshot.of(exporter);
            snapshots.keep(name, taken);
            Map<String, Object> data = new LinkedHashMap<>();
            data.put("name", name);
            data.put("taken", taken.taken().toString());
            data.put("buffers", taken.buffers().size());
            data.put("holdings", taken.holdings().size());
            String text = "snapshot " + name + ": " + taken.buffers().size() + " buffers, " + taken.holdings().size()
                    + " things open, " + taken.owners().size() + " owners\n";
            return new Answer(text, data).asJson(arguments.has("--json"));
        });
    }

    @Descriptor("what came, went and changed since a snapshot, or between two; a failure when something did")
    public @Nullable Answer diff(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "diff", words, arguments -> {
            Snapshot before = snapshots.of(arguments.word(0));
            List<String> other = arguments.from(1);
            Snapshot after = other.isEmpty() ? Snapshot.of(exporter) : snapshots.of(other.getFirst());
            List<Change> changes = Difference.between(before, after);
            Answer answer = new Answer(LeakView.changes(changes), changes.stream().map(LeakView::data).toList())
                    .asJson(arguments.has("--json"));
            return changes.isEmpty() ? answer : Guard.failed(session, answer);
        });
    }
}
