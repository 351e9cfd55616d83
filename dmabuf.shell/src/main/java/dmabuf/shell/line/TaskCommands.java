// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.line;

import dmabuf.api.Exporter;
import dmabuf.api.spi.Board;
import dmabuf.api.spi.BoardReader;
import dmabuf.api.spi.Finding;
import dmabuf.shell.command.Answer;
import dmabuf.shell.command.Guard;
import dmabuf.shell.usage.Arguments;
import dmabuf.shell.view.BoardView;
import dmabuf.shell.view.DoctorView;
import java.util.List;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The tasks of the command line that are shell commands, too. */
@Component(
        immediate = true,
        service = TaskCommands.class,
        property = {
            "osgi.command.scope=dmabuf",
            "osgi.command.function=board",
            "osgi.command.function=certify",
            "osgi.command.function=doctor",
            "osgi.command.function=scenario"
        })
public final class TaskCommands {
    private static final String WORDS = "see dmabuf:help and the command's name";

    private final BundleContext context;

    /** Creates the commands; what they need is looked for when they run. */
    @Activate
    public TaskCommands(BundleContext context) {
        this.context = context;
    }

    @Descriptor("what device trees say: windows, IOMMUs, pools and constraints of each device")
    public @Nullable Answer board(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "board", words, arguments ->
                arguments.words().size() <= 1 ? board(session, arguments) : run(session, BoardTask.of(arguments)));
    }

    /** One device tree is an object; several are printed one by one, because together they may be large. */
    private @Nullable Answer board(CommandSession session, Arguments arguments) throws InterruptedException {
        boolean all = arguments.has("--all");
        Console console = Console.of(session);
        try (Services services = new Services(context, console)) {
            BoardReader reader = services.need(BoardReader.class, "dmabuf.board");
            boolean own = arguments.words().isEmpty();
            Optional<Board> board = own ? reader.current() : BoardTask.read(console, reader, arguments.word(0));
            if (board.isEmpty()) {
                Guard.fail(session);
                return null;
            }
            String title = own ? "the board of this gateway" : arguments.word(0);
            return new Answer(BoardView.text(title, board.get(), all), BoardView.data(board.get(), all))
                    .asJson(arguments.has("--json"));
        }
    }

    @Descriptor("what this machine offers, what the allocators make of it, and what is missing, with the remedy")
    public @Nullable Answer doctor(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "doctor", words, arguments -> {
            try (Services services = new Services(context, Console.of(session))) {
                List<Finding> findings = DoctorTask.findings(services, services.need(Exporter.class, "dmabuf.core"));
                Answer answer = DoctorTask.answer(findings).asJson(arguments.has("--json"));
                return DoctorView.isWell(findings) ? answer : Guard.failed(session, answer);
            }
        });
    }

    @Descriptor("run negotiation cases that are written as data")
    public @Nullable Answer scenario(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "scenario", words, arguments -> run(session, ScenarioTask.of(arguments)));
    }

    @Descriptor("try the allocator in a bundle by all that the SPI promises, apart from this gateway")
    public @Nullable Answer certify(CommandSession session, @Descriptor(WORDS) String[] words) {
        return Guard.run(session, "certify", words, arguments ->
                run(session, CertifyTask.of(arguments).besideOthers()));
    }

    private @Nullable Answer run(CommandSession session, Task task) throws InterruptedException {
        Console console = Console.of(session);
        try (Services services = new Services(context, console)) {
            if (task.run(console, services) != 0) {
                Guard.fail(session);
            }
            return null;
        } finally {
            console.flush();
        }
    }
}
