// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.Segment;
import org.osgi.framework.BundleContext;

/** Forgets to give back addresses. */
public final class KeepsMappings extends SoundMapper {
    public KeepsMappings(BundleContext context) {
        super(context);
    }

    @Override
    public synchronized void unmap(Segment piece) {
        mapped.remove(piece.address());
    }
}
