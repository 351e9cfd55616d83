// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Writes of volatile fields that cost no fence of their own: for what is written under a lock, of which giving it back is one,
 * and only looked at without it. Who looks sees what a writer had done before, but maybe not yet its last write. A fence is some
 * seven nanoseconds, and a buffer lives through dozens of such writes. For the same reason the first value of such a field is
 * null where that can mean it.
 */
final class Unfenced {
    private Unfenced() {}

    /** Returns what {@link VarHandle#setRelease} is called of. */
    static VarHandle field(MethodHandles.Lookup lookup, String name, Class<?> type) {
        try {
            return lookup.findVarHandle(lookup.lookupClass(), name, type);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError("no field " + name, e);
        }
    }
}
