// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import dmabuf.api.Attachment;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.Exporter;
import dmabuf.api.LatePolicy;
import dmabuf.api.MapRequest;
import dmabuf.api.Mapping;
import dmabuf.api.Plan;
import dmabuf.api.Quantity;
import dmabuf.shell.text.BytePattern;
import dmabuf.shell.view.AllocatorView;
import dmabuf.shell.view.BufferView;
import dmabuf.shell.view.DeviceView;
import dmabuf.shell.view.PlanView;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** The commands. A refusal is one line on the error stream, and a status that {@code &&} and {@code -c} see. */
@Component(
        // Gogo gives the service back after every command; a delayed component would lose its buffers with it.
        immediate = true,
        service = DmaBufCommands.class,
        property = {
            "osgi.command.scope=dmabuf",
            "osgi.command.function=devices",
            "osgi.command.function=allocators",
            "osgi.command.function=buffers",
            "osgi.command.function=info",
            "osgi.command.function=create",
            "osgi.command.function=attach",
            "osgi.command.function=map",
            "osgi.command.function=unmap",
            "osgi.command.function=detach",
            "osgi.command.function=free",
            "osgi.command.function=fill",
            "osgi.command.function=verify",
            "osgi.command.function=plan",
            "osgi.command.function=why"
        })
public final class DmaBufCommands {
    private static final String JSON = "--json";

    private final Exporter exporter;
    private final ShellBuffers buffers;

    /** Creates the commands on the gateway's exporter; without one there are no commands. */
    @Activate
    public DmaBufCommands(@Reference Exporter exporter) {
        this.exporter = exporter;
        this.buffers = new ShellBuffers(exporter);
    }

    @Deactivate
    void close() {
        buffers.close();
    }

    @Descriptor("list the devices that can share buffers, and the allocators that accept each")
    public @Nullable Answer devices(
            CommandSession session,
            @Descriptor("as JSON") @Parameter(names = JSON, presentValue = "true", absentValue = "false") boolean json) {
        return Guard.run(session, () -> {
            var devices = exporter.devices();
            return new Answer(DeviceView.text(devices), devices.stream().map(DeviceView::data).toList()).asJson(json);
        });
    }

    @Descriptor("list the allocators in the order in which they are asked, with their figures")
    public @Nullable Answer allocators(
            CommandSession session,
            @Descriptor("as JSON") @Parameter(names = JSON, presentValue = "true", absentValue = "false") boolean json) {
        return Guard.run(session, () -> {
            var allocators = exporter.allocators();
            return new Answer(
                            AllocatorView.text(allocators), allocators.stream().map(AllocatorView::data).toList())
                    .asJson(json);
        });
    }

    @Descriptor("list all buffers with their attached devices, as the kernel's dma_buf/bufinfo")
    public @Nullable Answer buffers(
            CommandSession session,
            @Descriptor("as JSON") @Parameter(names = JSON, presentValue = "true", absentValue = "false") boolean json) {
        return Guard.run(session, () -> {
            List<BufferInfo> all = exporter.buffers();
            return new Answer(BufferView.text(all), all.stream().map(BufferView::data).toList()).asJson(json);
        });
    }

    @Descriptor("everything about one buffer, device or allocator")
    public @Nullable Answer info(
            CommandSession session,
            @Descriptor("as JSON") @Parameter(names = JSON, presentValue = "true", absentValue = "false") boolean json,
            @Descriptor("a buffer's name or #id, a device's name, short name or filter, or an allocator's id")
                    String name) {
        return Guard.run(session, () -> new Subject(exporter, buffers).describe(name).asJson(json));
    }

    @Descriptor("create a buffer; it takes no memory before the first map or CPU access")
    public @Nullable Answer create(
            CommandSession session,
            @Descriptor("alignment of the first CPU address, for example 64K")
                    @Parameter(names = "--align", absentValue = "1") String align,
            @Descriptor("may the storage move for a late device: move (default) or refuse")
                    @Parameter(names = "--late", absentValue = "move") String late,
            @Descriptor("devices that must attach before the first map: A,B")
                    @Parameter(names = "--expects", absentValue = "") String expects,
            @Descriptor("how long a map waits for them, in milliseconds")
                    @Parameter(names = "--wait", absentValue = "0") String wait,
            @Descriptor("flags for the allocator: CACHED, WRITE_COMBINE, NO_CPU")
                    @Parameter(names = "--flags", absentValue = "") String flags,
            @Descriptor("the CPU only reads")
                    @Parameter(names = "--read-only", presentValue = "true", absentValue = "false") boolean readOnly,
            @Descriptor("wait for an allocator to come")
                    @Parameter(names = "--waits", presentValue = "true", absentValue = "false") boolean waits,
            @Descriptor("the name, at most 31 bytes") String name,
            @Descriptor("the size, for example 3133440 or 8M") String size) {
        return Guard.run(session, () -> {
            BufferRequest request = BufferRequest.ofSize(Quantity.parse(size))
                    .withAlignment(Quantity.parse(align))
                    .withLatePolicy(Choices.of("--late", late, LatePolicy.values()))
                    .withExpectedDevices(Choices.list(expects))
                    .withPatience(Duration.ofMillis(Quantity.parse(wait)))
                    .withFlags(Choices.list(flags))
                    .withReadOnly(readOnly)
                    .withWaitsForAllocator(waits);
            DmaBuf buffer = buffers.create(name, request);
            return Answer.of("buffer " + name + "#" + buffer.id() + " of " + Quantity.format(buffer.byteSize())
                    + ": no memory yet; attach the devices, then map");
        });
    }

    @Descriptor("attach devices to a buffer, all or none")
    public @Nullable Answer attach(
            CommandSession session,
            @Descriptor("the buffer") String buffer,
            @Descriptor("devices: names, short names, or filters like family=hantro") String[] devices) {
        return Guard.run(session, () -> {
            List<String> added = buffers.attach(buffer, Choices.devices(devices)).stream()
                    .map(Attachment::device)
                    .toList();
            return Answer.of(buffer + " is shared with " + String.join(" ", added) + "; together they need: "
                    + buffers.info(buffer).constraints());
        });
    }

    @Descriptor("map a buffer for a device; the first map chooses the allocator")
    public @Nullable Answer map(
            CommandSession session,
            @Descriptor("let go when the storage has to move")
                    @Parameter(names = "--movable", presentValue = "true", absentValue = "false") boolean movable,
            @Descriptor("the buffer") String buffer,
            @Descriptor("an attached device") String device,
            @Descriptor("to, from or both (default): which way data flows, seen from memory") String... direction) {
        return Guard.run(session, () -> {
            Direction way = Choices.direction(direction);
            MapRequest request = MapRequest.of(way);
            request = movable ? request.withMoveListener(Mapping::close) : request;
            Mapping mapping = buffers.map(buffer, device, request);
            return new Answer(
                    BufferView.mapped(buffer, device, mapping.allocator(), mapping.table()),
                    BufferView.data(mapping.allocator(), mapping.table()));
        });
    }

    @Descriptor("unmap a buffer from a device")
    public @Nullable Answer unmap(
            CommandSession session, @Descriptor("the buffer") String buffer, @Descriptor("the device") String device) {
        return Guard.run(session, () -> {
            buffers.unmap(buffer, device);
            return Answer.of(buffer + " is unmapped from " + device);
        });
    }

    @Descriptor("detach a device from a buffer")
    public @Nullable Answer detach(
            CommandSession session, @Descriptor("the buffer") String buffer, @Descriptor("the device") String device) {
        return Guard.run(session, () -> {
            buffers.detach(buffer, device);
            return Answer.of(device + " is detached from " + buffer);
        });
    }

    @Descriptor("drop the shell's reference to a buffer; attached devices keep it alive")
    public @Nullable Answer free(CommandSession session, @Descriptor("the buffer") String buffer) {
        return Guard.run(session, () -> {
            DmaBuf handle = buffers.buffer(buffer);
            buffers.free(buffer);
            return Answer.of(BufferView.freed(handle.info()));
        });
    }

    @Descriptor("write a pattern of bytes that follows from a number over a whole buffer")
    public @Nullable Answer fill(
            CommandSession session, @Descriptor("the buffer") String buffer, @Descriptor("the number") String seed) {
        return Guard.run(session, () -> {
            try (CpuAccess access = buffers.buffer(buffer).beginCpuAccess(CpuMode.WRITE)) {
                Choices.pattern(seed).fill(access.segment());
                return Answer.of(buffer + ": " + access.segment().byteSize() + " bytes written");
            }
        });
    }

    @Descriptor("check the bytes that fill wrote, or that all are zero")
    public @Nullable Answer verify(
            CommandSession session,
            @Descriptor("the buffer") String buffer,
            @Descriptor("the number given to fill, or zero") String seed) {
        return Guard.run(session, () -> {
            BytePattern pattern = Choices.pattern(seed);
            try (CpuAccess access = buffers.buffer(buffer).beginCpuAccess(CpuMode.READ)) {
                OptionalLong wrong = pattern.mismatch(access.segment());
                if (wrong.isPresent()) {
                    throw new ContentError(access.segment(), pattern, wrong.getAsLong());
                }
                return Answer.of(buffer + ": " + access.segment().byteSize() + " bytes are as written");
            }
        });
    }

    @Descriptor("dry run: which allocator would serve these devices, or what is in the way and would make it fit")
    public @Nullable Answer plan(
            CommandSession session,
            @Descriptor("as JSON") @Parameter(names = JSON, presentValue = "true", absentValue = "false") boolean json,
            @Descriptor("the size") String size,
            @Descriptor("the devices") String[] devices) {
        return Guard.run(session, () -> {
            Plan plan = exporter.plan(BufferRequest.ofSize(Quantity.parse(size)), Choices.devices(devices));
            Answer answer = new Answer(PlanView.text(plan), PlanView.data(plan)).asJson(json);
            if (plan.refusal().isPresent()) {
                Guard.fail(session);
            }
            return answer;
        });
    }

    @Descriptor("why a buffer last refused something, and how its allocator was chosen")
    public @Nullable Answer why(
            CommandSession session,
            @Descriptor("as JSON") @Parameter(names = JSON, presentValue = "true", absentValue = "false") boolean json,
            @Descriptor("the buffer") String buffer) {
        return Guard.run(session, () -> {
            BufferInfo info = buffers.info(buffer);
            return new Answer(BufferView.why(info), BufferView.whyData(info)).asJson(json);
        });
    }
}
