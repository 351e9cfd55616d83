// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.HoldingKind;
import java.util.Optional;

/** Something of a buffer that an owner has open. */
interface Held {
    /** Returns what it is. */
    HoldingKind kind();

    /** Returns who opened it. */
    Owner owner();

    /** Returns the device that it is for; empty for the CPU's own, and where no device is concerned. */
    Optional<String> concerned();

    /** Returns when and where it was opened. */
    Trace trace();
}
