// SPDX-License-Identifier: Apache-2.0
package dmabuf.api;

import org.osgi.annotation.versioning.ProviderType;

/** A longer-lived CPU view of a range; each use is bracketed. It holds the storage in place until it is closed. */
@ProviderType
public interface UserMapping extends AutoCloseable {
    /**
     * Begins a use of the view's range, in the view's mode; errors as for {@link DmaBuf#beginCpuAccess(CpuRequest)}.
     */
    CpuAccess begin();

    /** Gives the view up. */
    @Override
    void close();
}
