// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.line;

import dmabuf.api.DmaBufException;
import dmabuf.api.spi.Board;
import dmabuf.api.spi.BoardReader;
import dmabuf.shell.command.CommandError;
import dmabuf.shell.text.Json;
import dmabuf.shell.usage.Arguments;
import dmabuf.shell.view.BoardView;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Shows what device trees say, one after the other: a file that was shown is forgotten. A file that cannot be read is
 * said, left out, and makes the status a failure.
 */
record BoardTask(List<String> files, boolean all, boolean json) implements Task {
    private static final Duration PROGRESS = Duration.ofSeconds(1);

    static Task of(Arguments arguments) {
        return new BoardTask(arguments.some("device tree"), arguments.has("--all"), arguments.has("--json"));
    }

    @Override
    public int run(Console console, Services services) throws InterruptedException {
        BoardReader reader = services.need(BoardReader.class, "dmabuf.board");
        boolean many = files.size() > 1;
        int shown = 0;
        long told = System.nanoTime();
        console.out().print(json && many ? "[" : "");
        for (int i = 0; i < files.size(); i++) {
            Optional<Board> board = read(console, reader, files.get(i));
            if (board.isPresent()) {
                console.out().print(json && shown > 0 ? "," : "");
                shown++;
                console.out().print(json ? json(files.get(i), board.get(), many) : text(files.get(i), board.get()));
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            if (System.nanoTime() - told > PROGRESS.toNanos()) {
                told = System.nanoTime();
                console.say((i + 1) + " of " + files.size() + " device trees");
            }
        }
        console.out().print(json && many ? "\n]\n" : "");
        return shown == files.size() ? 0 : 1;
    }

    /** Reads one; what is wrong with it is said. */
    static Optional<Board> read(Console console, BoardReader reader, String file) {
        try {
            return Optional.of(reader.read(console.file(file)));
        } catch (DmaBufException e) {
            console.say(CommandError.line(e));
            return Optional.empty();
        }
    }

    private String text(String file, Board board) {
        return BoardView.text(file, board, all) + (files.size() > 1 ? "\n" : "");
    }

    private String json(String file, Board board, boolean many) {
        List<Map<String, Object>> nodes = BoardView.nodes(board, all);
        if (!many) {
            return Json.write(nodes) + "\n";
        }
        Map<String, Object> named = new LinkedHashMap<>();
        named.put("file", file);
        named.put("nodes", nodes);
        return "\n" + Json.write(named);
    }
}
