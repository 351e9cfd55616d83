// SPDX-License-Identifier: Apache-2.0
package dmabuf.core;

import dmabuf.api.DmaBufException;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;

/** {@link Cap} with room for two, now and then three. */
@Param(name = "bytes", gen = IntGen.class, conf = "1:2")
public class CapCalls {
    private final Cap cap = new Cap(() -> 3);

    @Operation
    public boolean take(@Param(name = "bytes") int bytes) {
        try {
            cap.take(bytes);
            return true;
        } catch (DmaBufException e) {
            return false;
        }
    }

    @Operation
    public void giveBack(@Param(name = "bytes") int bytes) {
        cap.giveBack(bytes);
    }

    @Operation
    public long used() {
        return cap.used();
    }
}
