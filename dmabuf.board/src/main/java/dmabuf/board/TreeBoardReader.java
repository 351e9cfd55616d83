// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import dmabuf.api.AddressRange;
import dmabuf.api.AddressRanges;
import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.Board;
import dmabuf.api.spi.BoardReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/** Reads boards from files with one profile table. Immutable; for any number of threads. */
final class TreeBoardReader implements BoardReader {
    private final ProfileTable profiles;

    TreeBoardReader(ProfileTable profiles) {
        this.profiles = profiles;
    }

    @Override
    public Board read(Path tree, Optional<AddressRange> ram) {
        return read(tree, understood -> understood.board(ram.map(AddressRanges::of)));
    }

    /**
     * Reads a tree and makes something of it; errors are those of {@link #read(Path, Optional)}, with the name of the
     * file before the message.
     */
    <T> T read(Path tree, Function<BoardTree, T> use) {
        try {
            return use.apply(new BoardTree(image(tree), profiles));
        } catch (DmaBufException e) {
            throw new DmaBufException(e.reason(), tree + ": " + e.explanation().text(), e);
        } catch (IOException | UncheckedIOException e) {
            throw new DmaBufException(Reason.ACCESS, "cannot read " + tree + ": " + why(e), e);
        }
    }

    private static TreeImage image(Path tree) throws IOException {
        if (Files.isDirectory(tree)) {
            return LiveTree.read(tree);
        }
        try (InputStream in = Files.newInputStream(tree)) {
            return FdtReader.read(in.readNBytes(FdtHeader.MAX_BYTES));
        }
    }

    private static String why(Exception e) {
        return switch (e) {
            case NoSuchFileException missing -> "there is no " + missing.getFile();
            case AccessDeniedException denied -> "permission denied for " + denied.getFile();
            default -> e.toString();
        };
    }
}
