// SPDX-License-Identifier: Apache-2.0
package dmabuf.api.spi;

import dmabuf.api.BufferInfo;
import dmabuf.api.DmaConstraints;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Has a say in every attach, as a whiteboard service: the proposal's calc_access_constraints and dma-buf's attach
 * callback in one. Called outside locks that other buffers need, with a deadline; all present policies are asked, by
 * service ranking, before the attach is committed.
 */
@ConsumerType
@FunctionalInterface
public interface AttachPolicy {
    /**
     * Judges one device of an attach.
     *
     * @param device the newcomer with the way that was chosen
     * @param buffer the buffer as it stands, without the newcomer
     * @return constraints to combine with the newcomer's: they narrow, and can never widen; NEUTRAL to agree
     * @throws dmabuf.api.DmaBufException to veto, with its own reason
     */
    DmaConstraints judge(Participant device, BufferInfo buffer);
}
