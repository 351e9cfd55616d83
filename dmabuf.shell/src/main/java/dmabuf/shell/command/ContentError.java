// SPDX-License-Identifier: Apache-2.0
package dmabuf.shell.command;

import dmabuf.shell.text.BytePattern;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A buffer does not hold the bytes that were written. */
final class ContentError extends RuntimeException {
    ContentError(MemorySegment came, BytePattern expected, long offset) {
        super(String.format(
                "byte %d of %d: expected 0x%02x, came 0x%02x",
                offset, came.byteSize(), expected.byteAt(offset), came.get(ValueLayout.JAVA_BYTE, offset)));
    }
}
