// SPDX-License-Identifier: Apache-2.0
package dmabuf.board;

import static checkers.input.Documented.check;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Flattened device trees: the bytes of one, or what {@link TreeText} makes of a text. A tree, and a board with all its devices and
 * memory, or the one error with its place.
 */
public final class DeviceTreeInput {
    private static final ProfileTable PROFILES = ProfileTable.shipped();
    private static final Pattern ERROR = Pattern.compile("(?s)device tree: .* \\(offset 0x[0-9a-f]+\\)");
    private static final int MAGIC = 0xd00dfeed;

    private DeviceTreeInput() {}

    /** Takes an input of the fuzzer. */
    public static void fuzzerTestOneInput(byte[] input) {
        boolean raw = input.length >= Integer.BYTES && ByteBuffer.wrap(input).getInt() == MAGIC;
        byte[] blob = raw ? input : TreeText.blob(input);
        try {
            new BoardTree(FdtReader.read(blob), PROFILES).board(Optional.empty());
        } catch (DmaBufException e) {
            check(e.reason() == Reason.INVALID, "a reason that is not documented: " + e);
            check(ERROR.matcher(e.getMessage()).matches(), "an error without its place: " + e);
        }
    }
}
