// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.usage;

import java.util.List;
import java.util.Optional;

/** The commands of the scope {@code dmabuf}, in the order in which somebody who is new meets them. */
public final class Usages {
    private static final String JSON = "--json";
    private static final String AS_JSON = "answer as JSON";
    private static final String BUFFER = "BUFFER";
    private static final String THE_BUFFER = "a buffer's name, or its id as '#1', in quotes";
    private static final String DEVICE = "DEVICE";
    private static final String A_DEVICE = "a device's path, its last part, or a filter such as family=hantro";

    private static final List<Usage> ALL = List.of(
            Usage.of("help", "list these commands, or say all about one")
                    .maybe("COMMAND", Kind.COMMAND, "the command")
                    .example("help create"),
            Usage.of("devices", "list the devices that can share buffers, and the allocators that accept each")
                    .flag(JSON, AS_JSON),
            Usage.of("allocators", "list the allocators in the order in which they are asked, with their figures")
                    .flag(JSON, AS_JSON),
            Usage.of("buffers", "list all buffers with their attached devices, as dma_buf/bufinfo of Linux")
                    .flag(JSON, AS_JSON)
                    .example("buffers | grep frame"),
            Usage.of("sets", "list the buffer sets: how many buffers are free, out, and draining")
                    .flag(JSON, AS_JSON),
            Usage.of("info", "everything about one buffer, device or allocator")
                    .word("NAME", Kind.SUBJECT, "a buffer's name or '#1', an allocator's id, or a device")
                    .flag(JSON, AS_JSON)
                    .example("info frame"),
            Usage.of("plan", "dry run: which allocator would serve these devices, or what is in the way")
                    .word("SIZE", Kind.FREE, "the size, for example 3133440 or 8M")
                    .maybeSeveral(DEVICE, Kind.DEVICE, A_DEVICE)
                    .flag(JSON, AS_JSON)
                    .example("plan 8M family=hantro"),
            Usage.of("create", "create a buffer; it takes no memory before the first map or CPU access")
                    .word("NAME", Kind.FREE, "the name, at most 31 bytes")
                    .word("SIZE", Kind.FREE, "the size, for example 3133440 or 8M")
                    .option("--align", "N", Kind.FREE, "alignment of the first CPU address, for example 64K")
                    .option("--late", "POLICY", Kind.LATE, "may the storage move for a late device: move (default) or refuse")
                    .option("--expects", "A,B", Kind.DEVICES, "devices that must attach before the first map")
                    .option("--optional", "A,B", Kind.DEVICES, "devices that are waited for only as long as --within says")
                    .option("--wait", "MS", Kind.FREE, "how long a map waits for them, in milliseconds (0)")
                    .option("--within", "MS", Kind.FREE, "report who has not attached so long after the creation, in milliseconds")
                    .option("--flags", "A,B", Kind.FLAGS, "flags for the allocator: CACHED (default), WRITE_COMBINE, NO_CPU")
                    .flag("--read-only", "the CPU only reads")
                    .flag("--waits", "wait for an allocator to come")
                    .example("create frame 8M")
                    .example("create frame 1920K --late refuse"),
            Usage.of("attach", "attach devices to a buffer, all or none")
                    .word(BUFFER, Kind.BUFFER, THE_BUFFER)
                    .words(DEVICE, Kind.DEVICE, A_DEVICE)
                    .option("--optional", "A,B", Kind.DEVICES, "devices that join after these, each if it fits")
                    .example("attach frame family=hantro"),
            Usage.of("map", "map a buffer for a device; the first map chooses the allocator")
                    .word(BUFFER, Kind.BUFFER, THE_BUFFER)
                    .word(DEVICE, Kind.MEMBER, "an attached device")
                    .maybe("DIRECTION", Kind.DIRECTION, "which way data flows: to the device, from it, or both (default)")
                    .flag("--movable", "let go when the storage has to move")
                    .example("map frame family=hantro from"),
            Usage.of("fill", "write a pattern of bytes that follows from a number over a whole buffer")
                    .word(BUFFER, Kind.BUFFER, THE_BUFFER)
                    .word("NUMBER", Kind.FREE, "any number, or zero")
                    .example("fill frame 42"),
            Usage.of("verify", "check the bytes that fill wrote, or that all are zero")
                    .word(BUFFER, Kind.BUFFER, THE_BUFFER)
                    .word("NUMBER", Kind.FREE, "the number given to fill, or zero")
                    .example("verify frame 42"),
            Usage.of("why", "why a buffer last refused something, and how its allocator was chosen")
                    .word(BUFFER, Kind.BUFFER, THE_BUFFER)
                    .flag(JSON, AS_JSON)
                    .example("why frame"),
            Usage.of("move", "move a buffer to the best place for its devices; its content stays")
                    .word(BUFFER, Kind.BUFFER, THE_BUFFER)
                    .example("move frame"),
            Usage.of("unmap", "unmap a buffer from a device")
                    .word(BUFFER, Kind.BUFFER, THE_BUFFER)
                    .word(DEVICE, Kind.MEMBER, "a device that this shell mapped")
                    .example("unmap frame family=hantro"),
            Usage.of("detach", "detach a device from a buffer")
                    .word(BUFFER, Kind.BUFFER, THE_BUFFER)
                    .word(DEVICE, Kind.MEMBER, "a device that this shell attached")
                    .example("detach frame family=hantro"),
            Usage.of("free", "drop this reference to a buffer; attached devices keep it alive")
                    .word(BUFFER, Kind.BUFFER, THE_BUFFER)
                    .example("free frame"),
            Usage.of("owners", "list who holds what, what it is charged for, and the quotas")
                    .flag(JSON, AS_JSON),
            Usage.of("leaks", "list what is open for long, the oldest first, and storage that cannot go")
                    .option("--older", "TIME", Kind.FREE, "how long, for example 90s, 5m or 2h (60s)")
                    .option("--owner", "OWNER", Kind.OWNER, "only what this bundle holds")
                    .flag(JSON, AS_JSON)
                    .example("leaks --older 10m"),
            Usage.of("snapshot", "remember under a name all that is there and who holds it")
                    .word("NAME", Kind.FREE, "the name; of more than 16 the oldest is forgotten")
                    .flag(JSON, AS_JSON)
                    .example("snapshot before"),
            Usage.of("diff", "what came, went and changed since a snapshot, or between two; a failure when something did")
                    .word("SNAPSHOT", Kind.SNAPSHOT, "the earlier one")
                    .maybe("LATER", Kind.SNAPSHOT, "the later one; without it, what is there now")
                    .flag(JSON, AS_JSON)
                    .example("diff before"),
            Usage.of("watch", "tell what happens, a line each, until Ctrl-C")
                    .option("--count", "N", Kind.FREE, "end after so many events")
                    .option("--for", "SECONDS", Kind.FREE, "end after so long; a failure when --count is not reached")
                    .flag("--cpu", "tell CPU accesses, too")
                    .flag(JSON, "one JSON object a line")
                    .example("watch --for 60 | grep frame"),
            Usage.of("board", "what device trees say: windows, IOMMUs, pools and constraints of each device")
                    .maybeSeveral("FILE", Kind.FILE, "a device tree, FILE.dtb; without one, the board of this gateway")
                    .flag("--all", "every node, not only those that take part in DMA")
                    .flag(JSON, AS_JSON)
                    .example("board imx8mm-evk.dtb"),
            Usage.of("doctor", "what this machine offers, what the allocators make of it, and what is missing, with the remedy")
                    .flag(JSON, AS_JSON),
            Usage.of("certify", "try the allocator in a bundle by all that the SPI promises, apart from this gateway")
                    .word("FILE", Kind.FILE, "the bundle, FILE.jar")
                    .maybeSeveral("KEY=VALUE", Kind.FREE, "settings of its allocator, as in its configuration")
                    .option("--pid", "PID", Kind.FREE, "the PID under which the bundle expects its configuration")
                    .option("--device", "TEXT", Kind.FREE, "constraints of a device that it serves, where it serves no ordinary one")
                    .option("--seed", "N", Kind.FREE, "what random requests follow from (1)")
                    .flag(JSON, AS_JSON)
                    .example("certify allocator.bank-1.0.0.jar"),
            Usage.of("scenario", "run negotiation cases that are written as data")
                    .words("FILE", Kind.FILE, "a scenario file")
                    .example("scenario algebra.scn"));

    private Usages() {}

    /** Returns all commands. */
    public static List<Usage> all() {
        return ALL;
    }

    /** Returns the usage of a command, by its name without the scope. */
    public static Optional<Usage> find(String name) {
        return ALL.stream().filter(usage -> usage.name().equals(name)).findFirst();
    }

    /** Returns the usage of a command that is there. */
    public static Usage of(String name) {
        return find(name).orElseThrow(() -> new IllegalArgumentException("no command " + name));
    }
}
