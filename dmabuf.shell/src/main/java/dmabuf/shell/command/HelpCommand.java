// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import dmabuf.shell.text.NearNames;
import dmabuf.shell.text.TextTable;
import dmabuf.shell.usage.Usage;
import dmabuf.shell.usage.UsageError;
import dmabuf.shell.usage.Usages;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Descriptor;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Component;

/** Leads a person who knows nothing but the word help. Of commands of other scopes it lets Gogo tell. */
@Component(
        immediate = true,
        service = HelpCommand.class,
        property = {"osgi.command.scope=dmabuf", "osgi.command.function=help"})
public final class HelpCommand {
    private static final String SCOPE = "dmabuf:";
    private static final String GOGO = "gogo:help";

    /** Creates the command. */
    public HelpCommand() {}

    @Descriptor("list these commands, or say all about one")
    public @Nullable Answer help(CommandSession session, @Descriptor("the command") String[] words) {
        return Guard.run(session, "help", words, arguments ->
                arguments.words().isEmpty() ? overview() : about(session, arguments.word(0)));
    }

    private static Answer overview() {
        TextTable table = new TextTable("COMMAND", "WHAT IT DOES");
        Usages.all().forEach(usage -> table.row(usage.name(), usage.purpose()));
        String text = "Buffers that devices share. From nothing to a filled buffer (DEVICE is one that devices lists):\n"
                + "  create frame 8M\n  attach frame DEVICE\n  map frame DEVICE\n  fill frame 42\n  verify frame 42\n\n"
                + table
                + "\nhelp COMMAND says all about one. Tab completes names; | grep, less and others take what is answered."
                + "\nOf several commands on a line, a; b, Gogo shows the last answer. Its other commands (lb, start, stop): gogo:help\n";
        return new Answer(text, Usages.all().stream().map(Usage::name).toList());
    }

    private static @Nullable Answer about(CommandSession session, String name) {
        String own = name.startsWith(SCOPE) ? name.substring(SCOPE.length()) : name;
        Optional<Usage> usage = Usages.find(own);
        if (usage.isPresent()) {
            return new Answer(usage.get().page(), usage.get().page());
        }
        if (commands(session).noneMatch(command -> command.equals(name) || command.endsWith(":" + name))) {
            List<String> near = NearNames.of(name, commands(session).map(HelpCommand::bare).toList());
            String hint = near.isEmpty() ? "help lists them" : "did you mean " + String.join(" or ", near) + "?";
            throw new UsageError("there is no command " + name + ": " + hint);
        }
        return others(session, name);
    }

    private static Stream<String> commands(CommandSession session) {
        return session.get(".commands") instanceof Collection<?> all ? all.stream().map(Object::toString) : Stream.empty();
    }

    private static String bare(String command) {
        return command.substring(command.indexOf(':') + 1);
    }

    private static @Nullable Answer others(CommandSession session, String name) {
        try {
            session.execute(GOGO + " '" + name + "'");
            return null;
        } catch (Exception e) {
            throw new UsageError("there is nothing more to be said about " + name + ": " + e.getMessage());
        }
    }
}
