// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import dmabuf.api.AttachRequest;
import dmabuf.api.AttachResult;
import dmabuf.api.BufferInfo;
import dmabuf.api.BufferRequest;
import dmabuf.api.CpuAccess;
import dmabuf.api.CpuMode;
import dmabuf.api.Direction;
import dmabuf.api.DmaBuf;
import dmabuf.api.LatePolicy;
import dmabuf.api.MapRequest;
import dmabuf.api.Mapping;
import dmabuf.api.Quantity;
import dmabuf.api.SgTable;
import dmabuf.shell.text.BytePattern;
import dmabuf.shell.usage.Arguments;
import dmabuf.shell.view.BufferView;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The commands on one buffer, from its creation to its release. Each answers with the buffer as it is afterwards. */
@Component(
        // Gogo gives the service back after every command; a delayed component would lose its buffers with it.
        immediate = true,
        service = DmaBufCommands.class,
        property = {
            "osgi.command.scope=dmabuf",
            "osgi.command.function=create",
            "osgi.command.function=attach",
            "osgi.command.function=map",
            "osgi.command.function=fill",
            "osgi.command.function=verify",
            "osgi.command.function=move",
            "osgi.command.function=unmap",
            "osgi.command.function=detach",
            "osgi.command.function=free"
        })
public final class DmaBufCommands {
    private static final String WORDS = "see dmabuf:help and the command's name";

    private final ShellBuffers buffers;

    /** Creates the commands on the shell's buffers; without an exporter there are none, and no commands. */
    @Activate
    public DmaBufCommands(@Reference ShellBuffers buffers) {
        this.buffers = buffers;
    }

    private static Answer answer(String line, BufferInfo after) {
        return new Answer(line + "\n", BufferView.data(after));
    }

    private Answer answer(String line, String buffer) {
        return answer(line, buffers.info(buffer));
    }

    @Descriptor("create a buffer; it takes no memory before the first map or CPU access")
    public @Nullable Answer create(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "create", words, arguments -> {
            String name = arguments.word(0);
            DmaBuf buffer = buffers.create(name, request(arguments));
            return answer(
                    "buffer " + name + "#" + buffer.id() + " of " + Quantity.format(buffer.byteSize())
                            + ": no memory yet; attach the devices, then map",
                    buffer.info());
        });
    }

    private static BufferRequest request(Arguments arguments) {
        BufferRequest request = BufferRequest.ofSize(Quantity.parse(arguments.word(1)))
                .withAlignment(Quantity.parse(arguments.value("--align").orElse("1")))
                .withLatePolicy(Choices.of("--late", arguments.value("--late").orElse("move"), LatePolicy.values()))
                .withExpectedDevices(Choices.list(arguments.value("--expects").orElse("")))
                .withPatience(Duration.ofMillis(Quantity.parse(arguments.value("--wait").orElse("0"))))
                .withFlags(Choices.list(arguments.value("--flags").orElse("")))
                .withReadOnly(arguments.has("--read-only"))
                .withOptionalDevices(Choices.list(arguments.value("--optional").orElse("")))
                .withWaitsForAllocator(arguments.has("--waits"));
        return arguments.value("--within")
                .map(millis -> request.withReadyWithin(Duration.ofMillis(Quantity.parse(millis))))
                .orElse(request);
    }

    @Descriptor("attach devices to a buffer, all or none")
    public @Nullable Answer attach(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "attach", words, arguments -> {
            String buffer = arguments.word(0);
            AttachResult result = buffers.attach(
                    buffer,
                    AttachRequest.of(Choices.devices(arguments.from(1)))
                            .withOptional(Choices.devices(Choices.list(arguments.value("--optional").orElse("")))));
            BufferInfo after = buffers.info(buffer);
            return answer(BufferView.attached(after, result), after);
        });
    }

    @Descriptor("map a buffer for a device; the first map chooses the allocator")
    public @Nullable Answer map(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "map", words, arguments -> {
            String buffer = arguments.word(0);
            String device = arguments.word(1);
            Direction way = Choices.direction(arguments.from(2));
            MapRequest request = MapRequest.of(way);
            request = arguments.has("--movable") ? request.withMoveListener(Mapping::close) : request;
            Mapping mapping = buffers.map(buffer, device, request);
            Optional<SgTable> table = mapping.hasTable() ? Optional.of(mapping.table()) : Optional.empty();
            return new Answer(
                    BufferView.mapped(buffer, device, mapping.allocator(), table),
                    BufferView.data(buffer, device, mapping.allocator(), table));
        });
    }

    @Descriptor("write a pattern of bytes that follows from a number over a whole buffer")
    public @Nullable Answer fill(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "fill", words, arguments -> {
            String buffer = arguments.word(0);
            BytePattern pattern = Choices.pattern(arguments.word(1));
            try (CpuAccess access = buffers.buffer(buffer).beginCpuAccess(CpuMode.WRITE)) {
                pattern.fill(access.segment());
            }
            return answer(buffer + ": " + buffers.info(buffer).byteSize() + " bytes written", buffer);
        });
    }

    @Descriptor("check the bytes that fill wrote, or that all are zero")
    public @Nullable Answer verify(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "verify", words, arguments -> {
            String buffer = arguments.word(0);
            BytePattern pattern = Choices.pattern(arguments.word(1));
            try (CpuAccess access = buffers.buffer(buffer).beginCpuAccess(CpuMode.READ)) {
                OptionalLong wrong = pattern.mismatch(access.segment());
                if (wrong.isPresent()) {
                    throw new ContentError(access.segment(), pattern, wrong.getAsLong());
                }
            }
            return answer(buffer + ": " + buffers.info(buffer).byteSize() + " bytes are as written", buffer);
        });
    }

    @Descriptor("move a buffer to the best place for its devices; its content stays")
    public @Nullable Answer move(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "move", words, arguments -> {
            BufferInfo before = buffers.info(arguments.word(0));
            buffers.buffer(arguments.word(0)).move();
            BufferInfo after = buffers.info(arguments.word(0));
            return answer(BufferView.moved(before, after), after);
        });
    }

    @Descriptor("unmap a buffer from a device")
    public @Nullable Answer unmap(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "unmap", words, arguments -> {
            buffers.unmap(arguments.word(0), arguments.word(1));
            return answer(arguments.word(0) + " is unmapped from " + arguments.word(1), arguments.word(0));
        });
    }

    @Descriptor("detach a device from a buffer")
    public @Nullable Answer detach(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "detach", words, arguments -> {
            DmaBuf buffer = buffers.buffer(arguments.word(0));
            buffers.detach(arguments.word(0), arguments.word(1));
            return answer(arguments.word(1) + " is detached from " + arguments.word(0), buffer.info());
        });
    }

    @Descriptor("drop this reference to a buffer; attached devices keep it alive")
    public @Nullable Answer free(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "free", words, arguments -> {
            DmaBuf handle = buffers.buffer(arguments.word(0));
            buffers.free(arguments.word(0));
            return answer(BufferView.freed(handle.info()), handle.info());
        });
    }
}
