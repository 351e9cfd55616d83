// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.Segment;
import java.util.OptionalLong;
import org.osgi.framework.BundleContext;

/** Translates as if the storage were in one piece. */
public final class TranslatesAsOnePiece extends SoundMapper {
    public TranslatesAsOnePiece(BundleContext context) {
        super(context);
    }

    @Override
    public synchronized OptionalLong translate(long address) {
        for (var entry : mapped.entrySet()) {
            long size = entry.getValue().stream().mapToLong(Segment::byteSize).sum();
            long offset = address - entry.getKey();
            if (offset >= 0 && offset < size) {
                return OptionalLong.of(entry.getValue().getFirst().address() + offset);
            }
        }
        return OptionalLong.empty();
    }
}
