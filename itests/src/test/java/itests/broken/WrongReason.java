// SPDX-License-Identifier: Apache-2.0
package itests.broken;

import dmabuf.api.DmaBufException;
import dmabuf.api.Reason;
import dmabuf.api.spi.AllocationRequest;
import org.osgi.framework.BundleContext;

/** Says that it is out of memory when it is only fragmented. */
public final class WrongReason extends Sound {
    public WrongReason(BundleContext context) {
        super(context);
    }

    @Override
    DmaBufException refusal(AllocationRequest request) {
        return new DmaBufException(Reason.OUT_OF_MEMORY, "there is no place");
    }
}
