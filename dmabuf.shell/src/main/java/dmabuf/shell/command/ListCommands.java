// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import dmabuf.api.BufferInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.Exporter;
import dmabuf.api.Plan;
import dmabuf.api.Quantity;
import dmabuf.shell.usage.Arguments;
import dmabuf.shell.view.AllocatorView;
import dmabuf.shell.view.BufferView;
import dmabuf.shell.view.DeviceView;
import dmabuf.shell.view.PlanView;
import dmabuf.shell.view.SetView;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The commands that show what there is, and change nothing. */
@Component(
        immediate = true,
        service = ListCommands.class,
        property = {
            "osgi.command.scope=dmabuf",
            "osgi.command.function=devices",
            "osgi.command.function=allocators",
            "osgi.command.function=buffers",
            "osgi.command.function=sets",
            "osgi.command.function=info",
            "osgi.command.function=plan",
            "osgi.command.function=why"
        })
public final class ListCommands {
    private static final String WORDS = "see dmabuf:help and the command's name";

    private final Exporter exporter;
    private final ShellBuffers buffers;

    /** Creates the commands on the gateway's exporter. */
    @Activate
    public ListCommands(@Reference Exporter exporter, @Reference ShellBuffers buffers) {
        this.exporter = exporter;
        this.buffers = buffers;
    }

    @Descriptor("list the devices that can share buffers, and the allocators that accept each")
    public @Nullable Answer devices(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "devices", words, arguments -> listing(
                arguments, exporter.devices(), DeviceView::text, DeviceView::data));
    }

    @Descriptor("list the allocators in the order in which they are asked, with their figures")
    public @Nullable Answer allocators(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "allocators", words, arguments -> listing(
                arguments, exporter.allocators(), AllocatorView::text, AllocatorView::data));
    }

    @Descriptor("list all buffers with their attached devices, as dma_buf/bufinfo of Linux")
    public @Nullable Answer buffers(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "buffers", words, arguments -> listing(
                arguments, exporter.buffers(), BufferView::text, BufferView::data));
    }

    @Descriptor("list the buffer sets: how many buffers are free, out, and draining")
    public @Nullable Answer sets(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "sets", words, arguments -> listing(
                arguments, exporter.sets(), SetView::text, SetView::data));
    }

    private static <T> Answer listing(
            Arguments arguments, List<T> rows, Function<List<T>, String> text, Function<T, Map<String, Object>> data) {
        return new Answer(text.apply(rows), rows.stream().map(data).toList()).asJson(arguments.has("--json"));
    }

    @Descriptor("everything about one buffer, device or allocator")
    public @Nullable Answer info(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "info", words, arguments ->
                new Subject(exporter, buffers).describe(arguments.word(0)).asJson(arguments.has("--json")));
    }

    @Descriptor("dry run: which allocator would serve these devices, or what is in the way")
    public @Nullable Answer plan(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "plan", words, arguments -> {
            BufferRequest request = BufferRequest.ofSize(Quantity.parse(arguments.word(0)));
            Plan plan = exporter.plan(request, Choices.devices(arguments.from(1)));
            Answer answer = new Answer(PlanView.text(plan), PlanView.data(plan)).asJson(arguments.has("--json"));
            return plan.refusal().isPresent() ? Guard.failed(session, answer) : answer;
        });
    }

    @Descriptor("why a buffer last refused something, and how its allocator was chosen")
    public @Nullable Answer why(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "why", words, arguments -> {
            BufferInfo info = buffers.info(arguments.word(0));
            return new Answer(BufferView.why(info), BufferView.whyData(info)).asJson(arguments.has("--json"));
        });
    }
}
